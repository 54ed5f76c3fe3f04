/** Defaults of Jobs, and of the Jobs that CronJobs make. Upstream: SetDefaults_Job in `pkg/apis/batch/v1/defaults.go`. */
import { setPodTemplateDefaults } from '../../../core/v1/pod/defaults';
import type { Job, JobSpec } from './types';

/** What the Job template of a CronJob has too. */
export function setJobTemplateDefaults(spec: JobSpec | undefined): void {
  setPodTemplateDefaults(spec?.template);
  for (const rule of spec?.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True';
  }
}

export function setJobDefaults({ metadata, spec }: Job): void {
  if (!spec) return;
  setJobTemplateDefaults(spec);
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1;
  const labels = spec.template?.metadata?.labels;
  if (metadata && labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.manualSelector ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
}
