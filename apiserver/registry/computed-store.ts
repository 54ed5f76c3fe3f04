/** A store of objects that are made up when they are read, and that nobody writes. */
import { everything } from '../../api/meta/selectors';
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import { newMethodNotSupported, newNotFound } from '../../api/meta/status-error';
import type { KubeObject, Stored } from '../../api/meta/types';
import type { CachedObject } from '../storage/storage';
import type { Store } from './store';

/** Gives all objects of the kind as they are now. */
export type ComputeObjects<T extends KubeObject = any> = () => Promise<T[]>;

/** Such objects have no revision. */
const entryOf = <T extends KubeObject>(object: T): CachedObject<T> => ({
  key: object.metadata?.name ?? '',
  revision: 0,
  object: object as Stored<T>,
  bytes: () => Buffer.from(JSON.stringify(object)),
});

/** `get` and `list` with label and field selectors; the definition offers no other verbs. */
export function createComputedStore<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  compute: ComputeObjects<T>,
): Store<T> {
  const resource = { group: definition.group, resource: definition.names.plural };
  const refuse = (verb: string) => () => {
    throw newMethodNotSupported(resource, verb);
  };
  const fieldOf = (object: T, field: string): string =>
    field === 'metadata.name' ? (object.metadata?.name ?? '') : (definition.selectableFields?.[field]?.(object) ?? '');
  return {
    definition,
    async get(_context, _namespace, name) {
      const object = (await compute()).find(({ metadata }) => metadata?.name === name);
      if (!object) throw newNotFound(resource, name);
      return entryOf(object);
    },
    async list(_context, { labels = everything, fields }) {
      const objects = (await compute()).filter(
        (object) =>
          labels.matches(object.metadata?.labels) && (fields?.matches((field) => fieldOf(object, field)) ?? true),
      );
      return { items: objects.map(entryOf), revision: 0 };
    },
    watch: refuse('watch'),
    create: refuse('create'),
    update: refuse('update'),
    apply: refuse('patch'),
    delete: refuse('delete'),
    deleteCollection: refuse('delete'),
  };
}
