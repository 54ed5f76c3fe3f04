/** What controllers report of the pods they keep: counts, the parts no more than the whole. Upstream: `pkg/apis/apps/validation`. */
import { at, nonNegative } from '../../meta/field-checks';
import { type FieldError, invalid } from '../../meta/field-error';

const path = at('status');

/** Values are read by name, from a status of any kind. */
const countOf = (status: object | undefined, field: string): number | undefined =>
  (status as Record<string, number | undefined> | undefined)?.[field];

export const nonNegativeCounts = (status: object | undefined, fields: readonly string[]): FieldError[] =>
  fields.flatMap((field) => nonNegative(path.child(field), countOf(status, field)));

/**
 * `replicas`, `parts` of it, and `others` are not negative; no part exceeds `replicas`, nor what is available what is ready.
 * `ready` is how upstream's message names the latter.
 */
export function validateReplicaCounts(
  status: object | undefined,
  parts: readonly string[],
  others: readonly string[],
  ready = 'readyReplicas',
): FieldError[] {
  const errors = nonNegativeCounts(status, ['replicas', ...parts, ...others]);
  const exceed = (field: string, whole: string, name: string): void => {
    const count = countOf(status, field) ?? 0;
    if (count <= (countOf(status, whole) ?? 0)) return;
    errors.push(invalid(path.child(field), count, `cannot be greater than ${name}`));
  };
  for (const field of parts) exceed(field, 'replicas', 'status.replicas');
  exceed('availableReplicas', 'readyReplicas', ready);
  return errors;
}

/** How often names collided only grows. */
export function validateCollisionCount(status: object | undefined, old: object | undefined): FieldError[] {
  const before = countOf(old, 'collisionCount');
  const now = countOf(status, 'collisionCount');
  if (before === undefined || (now ?? -1) >= before) return [];
  return [invalid(path.child('collisionCount'), now ?? 0, 'cannot be decremented')];
}
