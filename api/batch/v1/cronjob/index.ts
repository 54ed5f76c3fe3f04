/** CronJob: makes Jobs at times that a schedule says. */
import { selectorColumn, templateColumns } from '../../../core/v1/pod/template-columns';
import { workloadNameWarnings } from '../../../core/v1/pod/name-warnings';
import { ageColumn, integerColumn, nameColumn, textColumn, translateTimestampSince, wide } from '../../../meta/columns';
import { at } from '../../../meta/field-checks';
import { deepEqual } from '../../../meta/json';
import { defineResource } from '../../../meta/resource-definition';
import { setJobTemplateDefaults } from '../job/defaults';
import { jobSpecWarnings } from '../job/warnings';
import type { CronJob } from './types';
import { validateCronJob, validateCronJobUpdate } from './validation';

export * from './schedule';
export type * from './types';

function defaults({ spec }: CronJob): void {
  if (!spec) return;
  setJobTemplateDefaults(spec.jobTemplate?.spec);
  spec.concurrencyPolicy ||= 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
}

const zoneWarning =
  'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs for more information';

function warnings(cronJob: CronJob, old?: CronJob): string[] {
  if (old && deepEqual(cronJob.spec, old.spec)) return [];
  const path = at('spec', 'jobTemplate', 'spec');
  return [
    ...(old ? [] : workloadNameWarnings(cronJob)),
    ...jobSpecWarnings(cronJob.spec?.jobTemplate?.spec, old?.spec?.jobTemplate?.spec, path),
    ...(cronJob.spec?.schedule.includes('TZ') ? [zoneWarning] : []),
  ];
}

const formatSuspend = (suspend: boolean | undefined): string =>
  suspend === undefined ? '<unset>' : suspend ? 'True' : 'False';

export const cronJobs = defineResource<CronJob>({
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  names: { plural: 'cronjobs', singular: 'cronjob', shortNames: ['cj'], categories: ['all'] },
  scope: 'Namespaced',
  defaults,
  validate: validateCronJob,
  validateUpdate: validateCronJobUpdate,
  warnings,
  columns: [
    nameColumn,
    textColumn(
      'Schedule',
      'The schedule in Cron format, see https://en.wikipedia.org/wiki/Cron.',
      ({ spec }) => spec?.schedule ?? '',
    ),
    textColumn(
      'Timezone',
      'The time zone name for the given schedule, see https://en.wikipedia.org/wiki/List_of_tz_database_time_zones.',
      ({ spec }) => spec?.timeZone ?? '<none>',
    ),
    {
      name: 'Suspend',
      // Upstream's type, although it prints words.
      type: 'boolean',
      description:
        'This flag tells the controller to suspend subsequent executions, it does not apply to already started executions.  Defaults to false.',
      value: ({ spec }) => formatSuspend(spec?.suspend),
    },
    integerColumn('Active', 'A list of pointers to currently running jobs.', ({ status }) => status?.active?.length),
    textColumn(
      'Last Schedule',
      'Information when was the last time the job was successfully scheduled.',
      ({ status }, now) =>
        status?.lastScheduleTime ? translateTimestampSince(status.lastScheduleTime, now) : '<none>',
    ),
    ageColumn,
    ...templateColumns<CronJob>(({ spec }) => spec?.jobTemplate?.spec?.template).map(wide),
    selectorColumn<CronJob>(({ spec }) => spec?.jobTemplate?.spec?.selector),
  ],
  subresources: { status: {} },
});
