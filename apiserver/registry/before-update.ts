/** What every changed object goes through before it is stored. Upstream: `pkg/registry/rest/update.go`. */
import { isDeepStrictEqual } from 'node:util';
import { deepEqual } from '../../api/meta/json';
import { type FieldError, formatFieldError } from '../../api/meta/field-error';
import { validateObjectMetaUpdate, validateQualifiedFinalizers } from '../../api/meta/object-meta';
import type { ResourceDefinition, UpdateHooks } from '../../api/meta/resource-definition';
import type { KubeObject, Stored } from '../../api/meta/types';
import { dropEmptyMetadata, ensureNamespace, hasGeneration } from './before-create';

type Fields = Record<string, unknown>;

const common: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** The hooks of a path. Paths without hooks of their own (`scale`) change the main resource. */
export function updateHooks<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  subresource: string,
): UpdateHooks<T> {
  if (subresource === 'status') return definition.subresources?.status ?? {};
  return definition.subresources?.update?.[subresource] ?? definition;
}

/** Puts back what the path may not change, runs its hook and counts the generation; in place. */
export function prepareUpdate<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  subresource: string,
  object: T,
  old: Stored<T>,
): void {
  ensureNamespace(definition, old.metadata.namespace ?? '', object);
  keepSystemMetadata(object, old);
  const hooks = updateHooks(definition, subresource);
  if (subresource === 'status') keepAllButStatus(object, old);
  else if (hooks === definition && definition.subresources?.status) keep(object, old, 'status');
  hooks.prepareForUpdate?.(object, old);
  const { generation } = old.metadata;
  if (subresource === 'status' || object.metadata!.generation !== generation) return;
  if (hasGeneration(definition, object) && !sameSpec(definition, object, old))
    object.metadata!.generation = (generation ?? 0) + 1;
}

/** Clients may leave out or repeat what the server set, but not change it. */
function keepSystemMetadata(object: KubeObject, old: Stored<KubeObject>): void {
  const metadata = object.metadata!;
  delete metadata.selfLink;
  dropEmptyMetadata(metadata);
  metadata.uid ||= old.metadata.uid;
  metadata.name ||= old.metadata.name;
  metadata.creationTimestamp = old.metadata.creationTimestamp;
  keep(metadata, old.metadata, 'generation');
  if (old.metadata.deletionTimestamp) keep(metadata, old.metadata, 'deletionTimestamp');
  if (old.metadata.deletionGracePeriodSeconds !== undefined) {
    keep(metadata, old.metadata, 'deletionGracePeriodSeconds');
  }
}

function keepAllButStatus(object: KubeObject, old: KubeObject): void {
  for (const field of new Set([...Object.keys(object), ...Object.keys(old)])) {
    if (!common.has(field) && field !== 'status') keep(object, old, field);
  }
}

function keep(object: object, old: object, field: string): void {
  const value = (old as Fields)[field];
  if (value === undefined) delete (object as Fields)[field];
  else (object as Fields)[field] = value;
}

/** The status of a custom kind counts where no path of its own keeps it. */
function sameSpec(definition: ResourceDefinition, object: KubeObject, old: KubeObject): boolean {
  const { custom, subresources, emptyCounts } = definition;
  const same = emptyCounts ? isDeepStrictEqual : deepEqual;
  const ignoresStatus = !custom || subresources?.status !== undefined;
  return [...new Set([...Object.keys(object), ...Object.keys(old)])].every(
    (field) =>
      common.has(field) ||
      (ignoresStatus && field === 'status') ||
      same((object as Fields)[field], (old as Fields)[field]),
  );
}

/** Errors of the new state, and of the change; each once. */
export function validateUpdate<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  subresource: string,
  object: T,
  old: Stored<T>,
): FieldError[] {
  const hooks = updateHooks(definition, subresource);
  const errors = [
    ...validateObjectMetaUpdate(object.metadata!, old.metadata),
    ...(definition.allowUnqualifiedFinalizers ? [] : validateQualifiedFinalizers(object.metadata!)),
    // A kind's validateUpdate holds all that is asked of an update; `validate` also has rules for new objects alone.
    ...(hooks.validateUpdate?.(object, old) ??
      (hooks === definition ? definition.validate?.(object) : undefined) ??
      []),
  ];
  return [...new Map(errors.map((error) => [formatFieldError(error), error])).values()];
}
