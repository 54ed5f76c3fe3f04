/** Warnings about Jobs and what CronJobs make. Upstream: `pkg/api/job/warnings.go` and the strategies of `pkg/registry/batch`. */
import { podTemplateWarnings } from '../../../core/v1/pod/warnings';
import type { FieldPath } from '../../../meta/field-error';
import { at } from '../../../meta/field-checks';
import { deepEqual } from '../../../meta/json';
import { workloadNameWarnings } from '../../../core/v1/pod/name-warnings';
import { isIndexed } from './conditions';
import type { Job, JobSpec } from './types';

const manyCompletions = 100_000;
const muchParallelism = 10_000;
const tooManyIndexes =
  'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';

export function jobSpecWarnings(spec: JobSpec | undefined, old: JobSpec | undefined, path: FieldPath): string[] {
  const { completions = 0, parallelism = 0 } = spec ?? {};
  const many = isIndexed(spec) && completions > manyCompletions && parallelism > muchParallelism;
  return [
    ...(many ? [tooManyIndexes] : []),
    ...podTemplateWarnings(spec?.template, old?.template, path.child('template')),
  ];
}

export function jobWarnings(job: Job, old?: Job): string[] {
  if (old && deepEqual(job.spec, old.spec)) return [];
  return [...(old ? [] : workloadNameWarnings(job)), ...jobSpecWarnings(job.spec, old?.spec, at('spec'))];
}
