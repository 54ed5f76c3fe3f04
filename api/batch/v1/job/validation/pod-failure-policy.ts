/** Which pod failures count how. Upstream: validatePodFailurePolicy in `pkg/apis/batch/validation/validation.go`. */
import { invalidEach } from '../../../../meta/field-checks';
import {
  duplicate,
  type FieldError,
  type FieldPath,
  invalid,
  notSupported,
  omittedValue,
  required,
  tooMany,
} from '../../../../meta/field-error';
import { isQualifiedName } from '../../../../meta/names';
import type { ExitCodesRequirement, JobSpec, PodConditionPattern, PodFailurePolicyRule } from '../types';

const maxRules = 20;
const maxConditions = 20;
const maxExitCodes = 255;
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const statuses = ['False', 'True', 'Unknown'];
const operators = ['In', 'NotIn'];

/** As Go prints a list of strings. */
const quoted = (values: readonly string[]): string => `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;

const oneOfNamed = (value: string | undefined, supported: readonly string[], path: FieldPath): FieldError[] => {
  if (!value) return [required(path, `valid values: ${quoted(supported)}`)];
  return supported.includes(value) ? [] : [notSupported(path, value, supported)];
};

function validateExitCodes(
  { operator, containerName, values = [] }: ExitCodesRequirement,
  containerNames: readonly string[],
  path: FieldPath,
): FieldError[] {
  const errors = oneOfNamed(operator, operators, path.child('operator'));
  if (containerName !== undefined && !containerNames.includes(containerName)) {
    const detail = 'must be one of the container or initContainer names in the pod template';
    errors.push(invalid(path.child('containerName'), containerName, detail));
  }
  const valuesPath = path.child('values');
  if (values.length === 0) errors.push(invalid(valuesPath, values, 'at least one value is required'));
  else if (values.length > maxExitCodes) errors.push(tooMany(valuesPath, values.length, maxExitCodes));
  const seen = new Set<number>();
  for (const [index, code] of values.entries()) {
    const where = valuesPath.index(index);
    if (operator === 'In' && code === 0) errors.push(invalid(where, code, 'must not be 0 for the In operator'));
    if (seen.has(code)) errors.push(duplicate(where, code));
    seen.add(code);
  }
  const ordered = values.every((code, index) => index === 0 || values[index - 1]! <= code);
  return ordered ? errors : [...errors, invalid(valuesPath, values, 'must be ordered')];
}

function validatePodConditions(patterns: PodConditionPattern[], path: FieldPath): FieldError[] {
  return [
    ...(patterns.length > maxConditions ? [tooMany(path, patterns.length, maxConditions)] : []),
    ...patterns.flatMap(({ type = '', status }, index) => [
      ...invalidEach(path.index(index).child('type'), type, isQualifiedName(type)),
      ...oneOfNamed(status, statuses, path.index(index).child('status')),
    ]),
  ];
}

function validateRule(
  rule: PodFailurePolicyRule,
  spec: JobSpec,
  containerNames: readonly string[],
  path: FieldPath,
): FieldError[] {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  const actionPath = path.child('action');
  const errors = oneOfNamed(action, actions, actionPath);
  if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
    errors.push(invalid(actionPath, action, 'requires the backoffLimitPerIndex to be set'));
  }
  if (onExitCodes) errors.push(...validateExitCodes(onExitCodes, containerNames, path.child('onExitCodes')));
  if (onPodConditions.length) errors.push(...validatePodConditions(onPodConditions, path.child('onPodConditions')));
  if (onExitCodes && onPodConditions.length) {
    errors.push(invalid(path, omittedValue, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  }
  if (!onExitCodes && !onPodConditions.length) {
    errors.push(invalid(path, omittedValue, 'specifying one of OnExitCodes and OnPodConditions is required'));
  }
  return errors;
}

export function validatePodFailurePolicy(spec: JobSpec, path: FieldPath): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? [];
  const rulesPath = path.child('rules');
  const { containers = [], initContainers = [] } = spec.template?.spec ?? {};
  const names = [...containers, ...initContainers].map(({ name }) => name);
  return [
    ...(rules.length > maxRules ? [tooMany(rulesPath, rules.length, maxRules)] : []),
    ...rules.flatMap((rule, index) => validateRule(rule, spec, names, rulesPath.index(index))),
  ];
}
