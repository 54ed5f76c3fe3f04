/**
 * The labels that tie pods to their Job, and the selector over them, which are generated unless the client brings its own.
 * Upstream: generateSelector in `pkg/registry/batch/job/strategy.go`.
 */
import { deepEqual } from '../../../meta/json';
import type { Job } from './types';

export const controllerUidLabel = 'batch.kubernetes.io/controller-uid';
export const jobNameLabel = 'batch.kubernetes.io/job-name';

/** The labels as they were before they got a prefix. */
export const legacyJobLabels = ({ metadata }: Job): Record<string, string> => ({
  'controller-uid': metadata?.uid ?? '',
  'job-name': metadata?.name ?? '',
});

export const jobLabels = (job: Job): Record<string, string> => ({
  ...legacyJobLabels(job),
  [controllerUidLabel]: job.metadata?.uid ?? '',
  [jobNameLabel]: job.metadata?.name ?? '',
});

/** In place; what the client set stays, for validation to judge. A Job without labels has those of its pods. */
export function generateSelector(job: Job): void {
  const { metadata, spec } = job;
  if (!spec || spec.manualSelector) return;
  const template = (spec.template ??= {});
  const given = template.metadata?.labels;
  const labels = { ...jobLabels(job), ...given };
  template.metadata = { ...template.metadata, labels };
  const { matchLabels } = spec.selector ?? {};
  spec.selector = {
    ...spec.selector,
    matchLabels: { [controllerUidLabel]: metadata?.uid ?? '', ...matchLabels },
  };
  const own = metadata?.labels;
  if (metadata && (!own || Object.keys(own).length === 0 || deepEqual(own, given))) metadata.labels = { ...labels };
}
