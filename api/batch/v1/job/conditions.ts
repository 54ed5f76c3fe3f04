/** What a Job's conditions say of it. */
import { isConditionTrue } from '../../../meta/conditions';
import type { Job, JobConditionType, JobSpec } from './types';

export const hasJobCondition = ({ status }: Job, type: JobConditionType): boolean =>
  isConditionTrue(status?.conditions, type);

/** It completed or failed, for good. */
export const isJobFinished = (job: Job): boolean => hasJobCondition(job, 'Complete') || hasJobCondition(job, 'Failed');

/** Every completion has an index of its own. */
export const isIndexed = (spec: Pick<JobSpec, 'completionMode'> | undefined): boolean =>
  spec?.completionMode === 'Indexed';
