/** Job: runs pods until enough of them succeed. */
import { defineResource } from '../../../meta/resource-definition';
import { jobColumns } from './columns';
import { setJobDefaults } from './defaults';
import { generateSelector } from './selector';
import type { Job } from './types';
import { validateJob, validateJobUpdate } from './validation/job';
import { validateJobStatusUpdate } from './validation/status';
import { jobWarnings } from './warnings';

export * from './conditions';
export * from './indexes';
export { controllerUidLabel, jobNameLabel } from './selector';
export type * from './types';

export const jobs = defineResource<Job>({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  names: { plural: 'jobs', singular: 'job', categories: ['all'] },
  scope: 'Namespaced',
  defaults: setJobDefaults,
  prepareForCreate: generateSelector,
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  warnings: jobWarnings,
  // For compatibility with batch/v1 clients that know no propagation policies.
  defaultPropagation: 'Orphan',
  defaultPropagationWarning:
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  selectableFields: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },
  columns: jobColumns,
  subresources: { status: { validateUpdate: validateJobStatusUpdate } },
});
