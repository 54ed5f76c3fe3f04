/**
 * What may be reported of a Job, by its controller or, with `managedBy`, by somebody else's. Rules about a field hold only
 * when the report changes it, so that an old mistake does not block new reports. Upstream: validateJobStatus.
 */
import { at, nonNegative } from '../../../../meta/field-checks';
import { duplicate, type FieldError, immutable, invalid, omittedValue, required } from '../../../../meta/field-error';
import { deepEqual } from '../../../../meta/json';
import { hasJobCondition, isIndexed, isJobFinished } from '../conditions';
import { firstCommonIndex, type IndexInterval, IndexesError, parseIndexes } from '../indexes';
import type { Job, JobConditionType, JobStatus } from '../types';

const path = at('status');
const conditions = path.child('conditions');
const counts = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const;

function validateUncounted({ uncountedTerminatedPods: pods }: JobStatus): FieldError[] {
  const seen = new Set<string>();
  return (['succeeded', 'failed'] as const).flatMap((list) =>
    (pods?.[list] ?? []).flatMap((uid, index) => {
      const where = path.child('uncountedTerminatedPods', list).index(index);
      if (!uid) return [invalid(where, uid, 'must not be empty')];
      if (seen.has(uid)) return [duplicate(where, uid)];
      seen.add(uid);
      return [];
    }),
  );
}

/** What two states are, and which of their fields differ. */
interface Change {
  job: Job;
  status: JobStatus;
  finished: boolean;
  has(type: JobConditionType): boolean;
  changed(...fields: (keyof JobStatus)[]): boolean;
  turned(...types: JobConditionType[]): boolean;
  finishedChanged: boolean;
}

function changeOf(job: Job, old: Job): Change {
  const status = job.status ?? {};
  const finished = isJobFinished(job);
  return {
    job,
    status,
    finished,
    has: (type) => hasJobCondition(job, type),
    changed: (...fields) => fields.some((field) => !deepEqual(status[field], old.status?.[field])),
    turned: (...types) => types.some((type) => hasJobCondition(job, type) !== hasJobCondition(old, type)),
    finishedChanged: finished !== isJobFinished(old),
  };
}

const conflict = (detail: string): FieldError => invalid(conditions, omittedValue, detail);

function validateConditions({ job, has, turned, changed }: Change): FieldError[] {
  const errors: FieldError[] = [];
  const complete = has('Complete');
  const failed = has('Failed');
  const success = has('SuccessCriteriaMet');
  if (turned('Complete', 'Failed') && complete && failed) {
    errors.push(conflict('cannot set Complete=True and Failed=true conditions'));
  }
  if (turned('Complete', 'FailureTarget') && complete && has('FailureTarget')) {
    errors.push(conflict('cannot set Complete=True and FailureTarget=true conditions'));
  }
  if ((turned('Failed') || changed('failedIndexes')) && failed && !has('FailureTarget')) {
    errors.push(conflict('cannot set Failed=True condition without the FailureTarget=true condition'));
  }
  if (turned('Complete', 'SuccessCriteriaMet') && complete && !success) {
    errors.push(conflict('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'));
  }
  if (success && failed) errors.push(conflict('cannot set SuccessCriteriaMet=True and Failed=true conditions'));
  if (success && has('FailureTarget')) {
    errors.push(conflict('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'));
  }
  if (job.spec?.successPolicy && !success && complete) {
    errors.push(conflict('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True'));
  }
  return errors;
}

function validateTimes({ status, has, turned, changed, finished, finishedChanged }: Change): FieldError[] {
  const { startTime, completionTime } = status;
  const completionPath = path.child('completionTime');
  const errors: FieldError[] = [];
  if (turned('Complete') || changed('completionTime')) {
    if (completionTime && !has('Complete')) {
      const detail = 'cannot set completionTime when there is no Complete=True condition';
      errors.push(invalid(completionPath, completionTime, detail));
    }
    if (!completionTime && has('Complete')) {
      errors.push(required(completionPath, 'completionTime is required for Complete jobs'));
    }
  }
  const early = startTime && completionTime && Date.parse(completionTime) < Date.parse(startTime);
  if (changed('startTime', 'completionTime') && early) {
    errors.push(invalid(completionPath, completionTime, 'must be equal to or after `startTime`'));
  }
  if ((finishedChanged || changed('startTime')) && finished && !startTime) {
    errors.push(required(path.child('startTime'), 'startTime is required for finished job'));
  }
  return errors;
}

function validateCounts({ status, changed, finished, finishedChanged }: Change): FieldError[] {
  const { active = 0, terminating = 0, ready = 0, uncountedTerminatedPods: pods } = status;
  const errors: FieldError[] = [];
  if ((finishedChanged || changed('active')) && finished && active > 0) {
    errors.push(invalid(path.child('active'), active, 'active>0 is invalid for finished job'));
  }
  const uncounted = (pods?.succeeded?.length ?? 0) + (pods?.failed?.length ?? 0);
  if ((finishedChanged || changed('uncountedTerminatedPods')) && finished && uncounted > 0) {
    errors.push(invalid(path.child('uncountedTerminatedPods'), pods, 'must be empty for finished job'));
  }
  if ((finishedChanged || changed('terminating')) && finished && terminating > 0) {
    errors.push(invalid(path.child('terminating'), terminating, 'terminating>0 is invalid for finished job'));
  }
  if (changed('ready', 'active') && ready > active) {
    errors.push(invalid(path.child('ready'), ready, 'cannot set more ready pods than active'));
  }
  return errors;
}

/** The intervals of a list, or what is wrong with it. */
function readIndexes(text: string | undefined, completions: number): IndexInterval[] | string {
  try {
    return parseIndexes(text ?? '', completions);
  } catch (error) {
    if (error instanceof IndexesError) return error.message;
    throw error;
  }
}

function validateIndexes({ job, status, changed }: Change): FieldError[] {
  const { completions, backoffLimitPerIndex } = job.spec ?? {};
  const { completedIndexes, failedIndexes } = status;
  const completedPath = path.child('completedIndexes');
  const failedPath = path.child('failedIndexes');
  const errors: FieldError[] = [];
  const completed = readIndexes(completedIndexes, completions ?? 0);
  const failed = readIndexes(failedIndexes, completions ?? 0);
  if (changed('completedIndexes')) {
    if (completions !== undefined && typeof completed === 'string') {
      errors.push(invalid(completedPath, completedIndexes, `error parsing completedIndexes: ${completed}`));
    }
    if (completedIndexes && !isIndexed(job.spec)) {
      const detail = 'cannot set non-empty completedIndexes when non-indexed completion mode';
      errors.push(invalid(completedPath, completedIndexes, detail));
    }
  }
  if (failedIndexes === undefined) return errors;
  if (changed('failedIndexes')) {
    if (completions !== undefined && backoffLimitPerIndex !== undefined && typeof failed === 'string') {
      errors.push(invalid(failedPath, failedIndexes, `error parsing failedIndexes: ${failed}`));
    }
    if (backoffLimitPerIndex === undefined) {
      const detail = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null';
      errors.push(invalid(failedPath, failedIndexes, detail));
    }
  }
  if (completions === undefined || !changed('failedIndexes', 'completedIndexes')) return errors;
  // What cannot be read was complained of when it was reported.
  if (typeof completed === 'string' || typeof failed === 'string') return errors;
  const common = firstCommonIndex(completed, failed);
  if (common === undefined) return errors;
  const detail = `failedIndexes and completedIndexes overlap at index: ${common}`;
  return [...errors, invalid(failedPath, failedIndexes, detail)];
}

const cannotEnd: readonly JobConditionType[] = ['Failed', 'Complete', 'FailureTarget'];

/** What a later report may not take back. */
function validateProgress(job: Job, old: Job): FieldError[] {
  const status = job.status ?? {};
  const before = old.status ?? {};
  const errors = cannotEnd
    .filter((type) => hasJobCondition(old, type) && !hasJobCondition(job, type))
    .map((type) => conflict(`cannot disable the terminal ${type}=True condition`));
  const scalesDown = isIndexed(job.spec) && job.spec?.completions === job.spec?.parallelism;
  for (const field of ['failed', 'succeeded'] as const) {
    if (field === 'succeeded' && scalesDown) continue;
    if ((status[field] ?? 0) >= (before[field] ?? 0)) continue;
    errors.push(invalid(path.child(field), status[field] ?? 0, `cannot decrease the ${field} counter`));
  }
  if (status.completionTime && before.completionTime && status.completionTime !== before.completionTime) {
    errors.push(immutable(path.child('completionTime'), status.completionTime));
  }
  if (before.startTime && before.startTime !== status.startTime && !job.spec?.suspend) {
    errors.push(required(path.child('startTime'), 'startTime cannot be removed for unsuspended job'));
  }
  const met = (one: Job): boolean => hasJobCondition(one, 'SuccessCriteriaMet');
  if (met(old) && !met(job)) errors.push(conflict('cannot disable the SuccessCriteriaMet=True condition'));
  if (hasJobCondition(old, 'Complete') && !met(old) && met(job)) {
    errors.push(conflict('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'));
  }
  return errors;
}

export function validateJobStatusUpdate(job: Job, old: Job): FieldError[] {
  const change = changeOf(job, old);
  return [
    ...counts.flatMap((field) => nonNegative(path.child(field), change.status[field])),
    ...validateUncounted(change.status),
    ...validateConditions(change),
    ...validateTimes(change),
    ...validateCounts(change),
    ...validateIndexes(change),
    ...validateProgress(job, old),
  ];
}
