/** CronJobs as created and changed. Upstream: ValidateCronJobCreate and ValidateCronJobUpdate. */
import { at, nonNegative, oneOf } from '../../../meta/field-checks';
import { type FieldError, type FieldPath, invalid, notSupported, required } from '../../../meta/field-error';
import { validateJobSpec } from '../job/validation/job-spec';
import { parseSchedule, ScheduleError } from './schedule';
import { validateTimeZone } from './time-zone';
import type { CronJob, CronJobSpec, JobTemplateSpec } from './types';

const path = at('spec');
const emptySpec: CronJobSpec = { jobTemplate: {}, schedule: '' };

/** Names of Jobs are at most 63 long, of which the time of the run takes 11. */
const maxNameLength = 63 - 11;

function validateSchedule({ schedule, timeZone }: CronJobSpec, old: CronJobSpec | undefined): FieldError[] {
  const schedulePath = path.child('schedule');
  if (!schedule) return [required(schedulePath)];
  const errors: FieldError[] = [];
  try {
    parseSchedule(schedule);
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    errors.push(invalid(schedulePath, schedule, error.message));
  }
  if (!schedule.includes('TZ')) return errors;
  if (!old?.schedule.includes('TZ')) {
    const detail = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    errors.push(invalid(schedulePath, schedule, detail));
  } else if (timeZone !== undefined) {
    const detail = 'cannot use both timeZone field and TZ or CRON_TZ in schedule';
    errors.push(invalid(schedulePath, schedule, detail));
  }
  return errors;
}

function validateJobTemplate({ spec = { template: {} } }: JobTemplateSpec, where: FieldPath): FieldError[] {
  const specPath = where.child('spec');
  const errors = validateJobSpec(spec, specPath);
  if (spec.selector) {
    errors.push(invalid(specPath.child('selector'), spec.selector, '`selector` will be auto-generated'));
  }
  if (spec.manualSelector) {
    errors.push(notSupported(specPath.child('manualSelector'), spec.manualSelector, ['nil', 'false']));
  }
  return errors;
}

function validateSpec(spec: CronJobSpec, old: CronJobSpec | undefined): FieldError[] {
  const limits = ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit'] as const;
  return [
    ...validateSchedule(spec, old),
    ...nonNegative(path.child('startingDeadlineSeconds'), spec.startingDeadlineSeconds),
    ...(old && old.timeZone === spec.timeZone ? [] : validateTimeZone(spec.timeZone, path.child('timeZone'))),
    ...oneOf(path.child('concurrencyPolicy'), spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']),
    ...validateJobTemplate(spec.jobTemplate ?? {}, path.child('jobTemplate')),
    ...limits.flatMap((field) => nonNegative(path.child(field), spec[field])),
  ];
}

export function validateCronJob({ metadata, spec = emptySpec }: CronJob): FieldError[] {
  const name = metadata?.name ?? '';
  const errors = validateSpec(spec, undefined);
  if (name.length <= maxNameLength) return errors;
  return [...errors, invalid(at('metadata', 'name'), name, `must be no more than ${maxNameLength} characters`)];
}

export const validateCronJobUpdate = ({ spec = emptySpec }: CronJob, old: CronJob): FieldError[] =>
  validateSpec(spec, old.spec ?? emptySpec);
