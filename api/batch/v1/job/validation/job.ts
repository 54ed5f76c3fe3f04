/** Jobs as created and changed. Upstream: ValidateJob and ValidateJobUpdate in `pkg/apis/batch/validation/validation.go`. */
import type { PodTemplateSpec } from '../../../../core/v1/pod/types';
import { at, unchanged } from '../../../../meta/field-checks';
import { type FieldError, immutable, invalid, required } from '../../../../meta/field-error';
import { cloneJson, deepEqual } from '../../../../meta/json';
import { isDns1123Label } from '../../../../meta/names';
import { validateLabelSelector } from '../../../../meta/object-meta';
import { selectorFromLabelSelector } from '../../../../meta/selectors';
import { isIndexed } from '../conditions';
import { jobLabels, legacyJobLabels } from '../selector';
import type { Job, JobSpec } from '../types';
import { validateJobSpec } from './job-spec';

const path = at('spec');
const emptySpec: JobSpec = { template: {} };

/** A generated selector is that of this very Job, and so are the labels of its pods. */
function validateGeneratedSelector({ metadata, spec = emptySpec }: Job, labels: Record<string, string>): FieldError[] {
  if (spec.manualSelector || !spec.selector) return [];
  const labelsPath = path.child('template', 'metadata', 'labels');
  const given = spec.template?.metadata?.labels ?? {};
  const errors = metadata?.uid ? [] : [required(at('metadata', 'uid'))];
  for (const [key, value] of Object.entries(labels)) {
    if (given[key] === value) continue;
    const detail = `must be '${value}'`;
    errors.push(
      given[key] === undefined ? required(labelsPath.key(key), detail) : invalid(labelsPath.key(key), given, detail),
    );
  }
  if (!selects(spec, labels))
    errors.push(invalid(path.child('selector'), spec.selector, '`selector` not auto-generated'));
  return errors;
}

/** False only of a selector that can be read and does not match. */
const selects = ({ selector }: JobSpec, labels: Record<string, string> | undefined): boolean =>
  validateLabelSelector(selector, path).some(({ field }) => field.endsWith('operator')) ||
  selectorFromLabelSelector(selector).matches(labels);

function validateSelector(spec: JobSpec): FieldError[] {
  const selectorPath = path.child('selector');
  const labels = spec.template?.metadata?.labels;
  return [
    ...(spec.selector ? validateLabelSelector(spec.selector, selectorPath) : [required(selectorPath)]),
    ...(selects(spec, labels)
      ? []
      : [
          invalid(
            path.child('template', 'metadata', 'labels'),
            labels ?? {},
            '`selector` does not match template `labels`',
          ),
        ]),
  ];
}

/** The pods of indexed Jobs have hostnames made of the Job's name and their index. */
function validateHostnames({ metadata, spec }: Job): FieldError[] {
  if (!isIndexed(spec) || !spec?.completions || spec.completions < 0) return [];
  const longest = `${metadata?.name ?? ''}-${spec.completions - 1}`;
  if (isDns1123Label(longest).length === 0) return [];
  const detail = `will not able to create pod with invalid DNS label: ${longest}`;
  return [invalid(at('metadata', 'name'), metadata?.name ?? '', detail)];
}

function validateWith(job: Job, labels: Record<string, string>): FieldError[] {
  const spec = job.spec ?? emptySpec;
  return [
    ...validateGeneratedSelector(job, labels),
    ...validateJobSpec(spec, path),
    ...validateSelector(spec),
    ...validateHostnames(job),
  ];
}

export const validateJob = (job: Job): FieldError[] => validateWith(job, jobLabels(job));

/** Elastic indexed Jobs change both counts together. */
function validateCompletions(spec: JobSpec, old: JobSpec): FieldError[] {
  const completionsPath = path.child('completions');
  if (!isIndexed(spec)) return unchanged(completionsPath, spec.completions, old.completions);
  if (spec.completions === old.completions || spec.completions === undefined) return [];
  return spec.completions === spec.parallelism
    ? []
    : [invalid(completionsPath, spec.completions, 'can only be modified in tandem with spec.parallelism')];
}

/** The template with what a suspended Job may change put back: where its pods go, what they ask for, their labels. */
function withSuspendedChangesOf(template: PodTemplateSpec, old: PodTemplateSpec): PodTemplateSpec {
  const munged = cloneJson(template);
  munged.metadata = { ...munged.metadata, labels: old.metadata?.labels, annotations: old.metadata?.annotations };
  if (!munged.spec || !old.spec) return munged;
  const { spec } = munged;
  const nodeAffinity = old.spec.affinity?.nodeAffinity;
  if (spec.affinity || old.spec.affinity) spec.affinity = { ...spec.affinity, nodeAffinity };
  if (!old.spec.affinity && !Object.values(spec.affinity ?? {}).some(Boolean)) delete spec.affinity;
  for (const field of ['nodeSelector', 'tolerations', 'schedulingGates'] as const) {
    (spec as Record<string, unknown>)[field] = old.spec[field];
  }
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [index, container] of (spec[list] ?? []).entries()) {
      const before = old.spec[list]?.[index];
      if (before?.name === container.name) container.resources = before.resources;
    }
  }
  return munged;
}

function validateTemplateChange(spec: JobSpec, old: Job): FieldError[] {
  const before = old.spec?.template ?? {};
  const template = spec.template ?? {};
  const mayChange = old.spec?.suspend && !old.status?.startTime;
  const compared = mayChange ? withSuspendedChangesOf(template, before) : template;
  const withMetadata = (value: PodTemplateSpec) => ({ ...value, metadata: value.metadata ?? {} });
  return deepEqual(withMetadata(compared), withMetadata(before)) ? [] : [immutable(path.child('template'), template)];
}

const fixedFields = [
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
] as const;

export function validateJobUpdate(job: Job, old: Job): FieldError[] {
  const spec = job.spec ?? emptySpec;
  const before = old.spec ?? emptySpec;
  // Jobs from before the prefixed labels existed do without them.
  const hadAll = Object.keys(jobLabels(old)).every((key) => before.template?.metadata?.labels?.[key] !== undefined);
  return [
    ...validateWith(job, hadAll ? jobLabels(job) : legacyJobLabels(job)),
    ...validateCompletions(spec, before),
    ...unchanged(path.child('selector'), spec.selector, before.selector),
    ...validateTemplateChange(spec, old),
    ...fixedFields.flatMap((field) => unchanged(path.child(field), spec[field], before[field])),
  ];
}
