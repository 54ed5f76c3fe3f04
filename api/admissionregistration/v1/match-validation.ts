/** Checks that webhooks, policies and bindings share: conditions in CEL, and the requests that are matched. */
import { oneOf } from '../../meta/field-checks';
import { duplicate, type FieldError, type FieldPath, invalid, required, tooMany } from '../../meta/field-error';
import { isQualifiedName } from '../../meta/names';
import { validateLabelSelector } from '../../meta/object-meta';
import { validateNamedRule } from './rule-validation';
import type { MatchCondition, MatchResources } from './types';

export const failurePolicies: readonly string[] = ['Fail', 'Ignore'];
export const matchPolicies: readonly string[] = ['Equivalent', 'Exact'];
export const reinvocationPolicies: readonly string[] = ['IfNeeded', 'Never'];

const maxMatchConditions = 64;

/** Whether the expressions compile is checked where the engine is. */
export function validateMatchConditions(conditions: MatchCondition[] = [], path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (conditions.length > maxMatchConditions) errors.push(tooMany(path, conditions.length, maxMatchConditions));
  const seen = new Set<string>();
  for (const [index, { name, expression }] of conditions.entries()) {
    const at = path.index(index);
    if (!expression?.trim()) errors.push(required(at.child('expression')));
    if (!name) {
      errors.push(required(at.child('name')));
      continue;
    }
    errors.push(...isQualifiedName(name).map((message) => invalid(at.child('name'), name, message)));
    if (seen.has(name)) errors.push(duplicate(at.child('name'), name));
    seen.add(name);
  }
  return errors;
}

export function validateMatchResources(match: MatchResources, path: FieldPath): FieldError[] {
  const errors = oneOf(path.child('matchPolicy'), match.matchPolicy, matchPolicies);
  for (const field of ['namespaceSelector', 'objectSelector'] as const) {
    if (!match[field]) errors.push(required(path.child(field)));
    errors.push(...validateLabelSelector(match[field], path.child(field)));
  }
  for (const field of ['resourceRules', 'excludeResourceRules'] as const) {
    match[field]?.forEach((rule, index) => errors.push(...validateNamedRule(rule, path.child(field).index(index))));
  }
  return errors;
}
