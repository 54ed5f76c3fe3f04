/** The shapes of a CronJob. */
import type { V1CronJob, V1CronJobSpec, V1CronJobStatus, V1JobTemplateSpec } from '@kubernetes/client-node' with {
  'resolution-mode': 'import',
};
import type { Wire } from '../../../meta/types';

export interface CronJob extends Wire<V1CronJob> {}
export interface CronJobSpec extends Wire<V1CronJobSpec> {}
export interface CronJobStatus extends Wire<V1CronJobStatus> {}
export interface JobTemplateSpec extends Wire<V1JobTemplateSpec> {}
