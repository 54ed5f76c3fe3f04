/** Namespace, label and field selectors compiled into one test of an entry. */
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import type { KubeObject } from '../../api/meta/types';
import type { CachedObject, SelectionPredicate } from './storage';

export interface Selection<T extends KubeObject> {
  /** '' for all. */
  readonly namespace: string;
  /** True when only the namespace restricts. */
  readonly unfiltered: boolean;
  /** `field=value` requirements: an index may answer them. */
  readonly equals: readonly { field: string; value: string }[];
  /** The whole test, namespace included. */
  matches(entry: CachedObject<T>): boolean;
}

/** The value of a selectable field; '' for those the kind does not have. */
export function fieldOf<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  entry: CachedObject<T>,
  field: string,
): string {
  if (field === 'metadata.name') return entry.object.metadata.name;
  if (field === 'metadata.namespace') return entry.object.metadata.namespace ?? '';
  return definition.selectableFields?.[field]?.(entry.object) ?? '';
}

export function compileSelection<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  { namespace, labels, fields }: SelectionPredicate & { namespace: string },
): Selection<T> {
  const byLabel = labels && !labels.isEmpty ? labels : undefined;
  const byField = fields?.requirements.length ? fields : undefined;
  return {
    namespace,
    unfiltered: !byLabel && !byField,
    equals: (byField?.requirements ?? [])
      .filter(({ operator }) => operator === '=')
      .map(({ field, value }) => ({ field, value })),
    matches: (entry) =>
      (!namespace || entry.object.metadata.namespace === namespace) &&
      (!byLabel || byLabel.matches(entry.object.metadata.labels)) &&
      (!byField || byField.matches((field) => fieldOf(definition, entry, field))),
  };
}
