/** What unit tests do with one kind: make objects of it as the server would, and print what validation says. */
import { type FieldError, formatFieldError } from '../../api/meta/field-error';
import { cloneJson } from '../../api/meta/json';
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import type { KubeObject } from '../../api/meta/types';

export const printed = (errors: FieldError[] | undefined): string[] =>
  (errors ?? []).map((error) => formatFieldError(error));

/** An object as it is stored after its creation: with defaults, and with what the kind's strategy sets. */
export function created<T extends KubeObject>(definition: ResourceDefinition<T>, object: object): T {
  const made = cloneJson(object) as T;
  made.metadata = { name: 'sample', namespace: 'default', uid: 'a-uid', ...made.metadata };
  definition.defaults?.(made);
  definition.prepareForCreate?.(made);
  return made;
}

/** The errors of creating the object. */
export const createErrors = <T extends KubeObject>(definition: ResourceDefinition<T>, object: object): string[] =>
  printed(definition.validate?.(created(definition, object)));

/** The errors of changing a created object by `edit`. */
export function updateErrors<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  object: object,
  edit: (changed: any) => unknown,
  editOld: (old: any) => unknown = () => undefined,
): string[] {
  const old = created(definition, object);
  editOld(old);
  const changed = cloneJson(old);
  edit(changed);
  definition.defaults?.(changed);
  definition.prepareForUpdate?.(changed, old);
  return printed((definition.validateUpdate ?? definition.validate)?.(changed, old));
}

/** The errors of reporting `status` over `before`. */
export function statusErrors<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  object: object,
  status: object,
  before: object = {},
): string[] {
  const old = { ...created(definition, object), status: before };
  return printed(definition.subresources?.status?.validateUpdate?.({ ...old, status }, old));
}

/** The cells of a row by column name; wide columns too. */
export const cellsOf = <T extends KubeObject>(
  definition: { columns?: ResourceDefinition<T>['columns'] },
  object: object,
  now = 0,
): Record<string, unknown> =>
  Object.fromEntries((definition.columns ?? []).map(({ name, value }) => [name, value(object as T, now)]));
