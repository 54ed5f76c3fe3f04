/** When an indexed Job has succeeded before all its indexes have. Upstream: validateSuccessPolicy. */
import { nonNegative } from '../../../../meta/field-checks';
import { type FieldError, type FieldPath, invalid, required, tooLong, tooMany } from '../../../../meta/field-error';
import { countIndexes, IndexesError, parseIndexes } from '../indexes';
import type { JobSpec, SuccessPolicyRule } from '../types';

const maxRules = 20;
const maxIndexesBytes = 64 * 1024;

function validateRule(rule: SuccessPolicyRule, completions: number, path: FieldPath): FieldError[] {
  const { succeededCount: count, succeededIndexes: indexes } = rule;
  if (count === undefined && indexes === undefined) {
    return [required(path, 'at least one of succeededCount or succeededIndexes must be specified')];
  }
  const errors: FieldError[] = [];
  let total = 0;
  if (indexes !== undefined) {
    const indexesPath = path.child('succeededIndexes');
    if (indexes.length > maxIndexesBytes) errors.push(tooLong(indexesPath, '', maxIndexesBytes));
    try {
      total = countIndexes(parseIndexes(indexes, completions));
    } catch (error) {
      if (!(error instanceof IndexesError)) throw error;
      errors.push(invalid(indexesPath, indexes, `error parsing succeededIndexes: ${error.message}`));
    }
  }
  if (count === undefined) return errors;
  const countPath = path.child('succeededCount');
  errors.push(...nonNegative(countPath, count));
  const bounds: [number, string][] = [[completions, 'the number of specified completions']];
  if (indexes !== undefined) {
    bounds.push([total, 'the number of indexes in the specified succeededIndexes field']);
  }
  for (const [bound, what] of bounds) {
    if (count > bound) errors.push(invalid(countPath, count, `must be less than or equal to ${bound} (${what})`));
  }
  return errors;
}

export function validateSuccessPolicy(spec: JobSpec, path: FieldPath): FieldError[] {
  const rules = spec.successPolicy?.rules ?? [];
  const rulesPath = path.child('rules');
  if (rules.length === 0) {
    return [required(rulesPath, 'at least one rules must be specified when the successPolicy is specified')];
  }
  return [
    ...(rules.length > maxRules ? [tooMany(rulesPath, rules.length, maxRules)] : []),
    ...rules.flatMap((rule, index) => validateRule(rule, spec.completions ?? 0, rulesPath.index(index))),
  ];
}
