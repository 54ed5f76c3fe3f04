/** What a Job's spec may say, whether a CronJob makes it or a client. Upstream: validateJobSpec in `pkg/apis/batch/validation`. */
import { validatePodTemplateSpec } from '../../../../core/v1/pod/validation/pod-spec';
import { domainPrefixedPath, nonNegative, oneOf } from '../../../../meta/field-checks';
import {
  type FieldError,
  type FieldPath,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../../../meta/field-error';
import { isIndexed } from '../conditions';
import type { JobSpec } from '../types';
import { validatePodFailurePolicy } from './pod-failure-policy';
import { validateSuccessPolicy } from './success-policy';

const maxManagedByLength = 63;
const maxIndexedParallelism = 100_000;
const maxFailedIndexes = 100_000;
/** Beyond so many completions, limits per index bound what has to be remembered. */
const manyCompletions = 100_000;
const maxWithManyCompletions = 10_000;

function validateIndexed(spec: JobSpec, path: FieldPath): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes: failed, backoffLimitPerIndex } = spec;
  const errors: FieldError[] = [];
  const atMost = (field: 'parallelism' | 'maxFailedIndexes', bound: number, rest = ''): void => {
    const value = spec[field] ?? 0;
    if (value > bound) {
      errors.push(invalid(path.child(field), value, `must be less than or equal to ${bound}${rest}`));
    }
  };
  if (completions === undefined) {
    errors.push(required(path.child('completions'), 'when completion mode is Indexed'));
  }
  atMost('parallelism', maxIndexedParallelism, ' when completion mode is Indexed');
  if (completions !== undefined && failed !== undefined && failed > completions) {
    errors.push(invalid(path.child('maxFailedIndexes'), failed, 'must be less than or equal to completions'));
  }
  atMost('maxFailedIndexes', maxFailedIndexes);
  if ((completions ?? 0) <= manyCompletions || backoffLimitPerIndex === undefined) return errors;
  if (failed === undefined) {
    const detail = `must be specified when completions is above ${manyCompletions}`;
    errors.push(required(path.child('maxFailedIndexes'), detail));
  }
  const rest = ` when completions are above ${manyCompletions} and used with backoff limit per index`;
  if (parallelism > maxWithManyCompletions) atMost('parallelism', maxWithManyCompletions, rest);
  atMost('maxFailedIndexes', maxWithManyCompletions, rest);
  return errors;
}

function validateCompletionMode(spec: JobSpec, path: FieldPath): FieldError[] {
  const { completionMode: mode, backoffLimitPerIndex, maxFailedIndexes: failed } = spec;
  const errors: FieldError[] = [];
  if (mode !== undefined) errors.push(...oneOfModes(mode, path.child('completionMode')));
  if (isIndexed(spec)) return [...errors, ...validateIndexed(spec, path)];
  if (mode !== undefined && mode !== 'NonIndexed') return errors;
  const detail = 'requires indexed completion mode';
  for (const [field, value] of Object.entries({ backoffLimitPerIndex, maxFailedIndexes: failed })) {
    if (value !== undefined) errors.push(invalid(path.child(field), value, detail));
  }
  return errors;
}

const oneOfModes = (mode: string, path: FieldPath): FieldError[] =>
  mode === 'NonIndexed' || mode === 'Indexed' ? [] : [notSupported(path, mode, ['NonIndexed', 'Indexed'])];

function validateManagedBy(managedBy: string | undefined, path: FieldPath): FieldError[] {
  if (managedBy === undefined) return [];
  const errors = domainPrefixedPath(path, managedBy);
  return managedBy.length > maxManagedByLength ? [...errors, tooLong(path, managedBy, maxManagedByLength)] : errors;
}

function validateSuccess(spec: JobSpec, path: FieldPath): FieldError[] {
  if (!spec.successPolicy) return [];
  return isIndexed(spec)
    ? validateSuccessPolicy(spec, path)
    : [invalid(path, spec.successPolicy, 'requires indexed completion mode')];
}

function validateReplacement(spec: JobSpec, path: FieldPath): FieldError[] {
  if (spec.podReplacementPolicy === undefined) return [];
  const supported = spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  return oneOf(path, spec.podReplacementPolicy, supported);
}

/** A pod that always restarts would never be done. */
function validateRestartPolicy({ template, podFailurePolicy }: JobSpec, path: FieldPath): FieldError[] {
  const policy = template?.spec?.restartPolicy;
  if (!policy || policy === 'Always') return [required(path, 'valid values: "OnFailure", "Never"')];
  if (policy !== 'OnFailure' && policy !== 'Never') return [notSupported(path, policy, ['OnFailure', 'Never'])];
  if (!podFailurePolicy || policy === 'Never') return [];
  return [invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified')];
}

const counts = [
  ...['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished'],
  ...['backoffLimitPerIndex', 'maxFailedIndexes'],
] as const;

export function validateJobSpec(spec: JobSpec, path: FieldPath): FieldError[] {
  const values = { ...spec } as Record<string, unknown>;
  const needsLimit = spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined;
  return [
    ...counts.flatMap((field) => nonNegative(path.child(field), values[field] as number | undefined)),
    ...(needsLimit ? [required(path.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified')] : []),
    ...validateManagedBy(spec.managedBy, path.child('managedBy')),
    ...validateCompletionMode(spec, path),
    ...(spec.podFailurePolicy ? validatePodFailurePolicy(spec, path.child('podFailurePolicy')) : []),
    ...validateSuccess(spec, path.child('successPolicy')),
    ...validateReplacement(spec, path.child('podReplacementPolicy')),
    ...validatePodTemplateSpec(spec.template, path.child('template')),
    ...validateRestartPolicy(spec, path.child('template', 'spec', 'restartPolicy')),
  ];
}
