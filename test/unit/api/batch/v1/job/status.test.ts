import { jobs } from '../../../../../../api/batch/v1/job';
import { statusErrors } from '../../../../../support/kinds';

const object = (spec: object = {}) => ({
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } }, ...spec },
});
const indexed = object({ completionMode: 'Indexed', completions: 5, parallelism: 2 });
const start = '2026-01-01T00:00:00Z';
const later = '2026-01-01T00:01:00Z';
const is = (...types: string[]) => ({ conditions: types.map((type) => ({ type, status: 'True' })) });
const complete = { startTime: start, completionTime: later, ...is('SuccessCriteriaMet', 'Complete') };
const conflict = (text: string) => `status.conditions: Invalid value: ${text}`;

it.each<[string, object, object, object, string[]]>([
  ['a Job that completes', object(), complete, { startTime: start }, []],
  ['a Job that fails', object(), { startTime: start, ...is('FailureTarget', 'Failed') }, { startTime: start }, []],
  [
    'negative counts',
    object(),
    { active: -1, succeeded: -1, failed: -1, ready: -1, terminating: -1 },
    { active: -1, succeeded: -1, failed: -1, ready: -1 },
    ['active', 'succeeded', 'failed', 'ready', 'terminating'].map(
      (field) => `status.${field}: Invalid value: -1: must be greater than or equal to 0`,
    ),
  ],
  [
    'pods counted twice',
    object(),
    { uncountedTerminatedPods: { succeeded: ['a', ''], failed: ['a'] } },
    {},
    [
      'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty',
      'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"',
    ],
  ],
  [
    'success and failure',
    object(),
    { ...complete, ...is('SuccessCriteriaMet', 'Complete', 'Failed', 'FailureTarget') },
    {},
    [
      'cannot set Complete=True and Failed=true conditions',
      'cannot set Complete=True and FailureTarget=true conditions',
      'cannot set SuccessCriteriaMet=True and Failed=true conditions',
      'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions',
    ].map(conflict),
  ],
  [
    'conditions out of turn',
    object(),
    { startTime: start, ...is('Failed') },
    {},
    [conflict('cannot set Failed=True condition without the FailureTarget=true condition')],
  ],
  [
    'completion without its time and criteria',
    object(),
    { startTime: start, ...is('Complete') },
    {},
    [
      conflict('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'),
      'status.completionTime: Required value: completionTime is required for Complete jobs',
    ],
  ],
  [
    'completion before the start, of what is not complete',
    object(),
    { startTime: later, completionTime: start },
    {},
    [
      `status.completionTime: Invalid value: "${start}": cannot set completionTime when there is no Complete=True condition`,
      `status.completionTime: Invalid value: "${start}": must be equal to or after \`startTime\``,
    ],
  ],
  [
    'pods of what is over',
    object(),
    { ...complete, active: 1, terminating: 1, uncountedTerminatedPods: { failed: ['a'] } },
    {},
    [
      'status.active: Invalid value: 1: active>0 is invalid for finished job',
      'status.uncountedTerminatedPods: Invalid value: {"failed":["a"]}: must be empty for finished job',
      'status.terminating: Invalid value: 1: terminating>0 is invalid for finished job',
    ],
  ],
  [
    'more ready than active',
    object(),
    { active: 1, ready: 2 },
    {},
    ['status.ready: Invalid value: 2: cannot set more ready pods than active'],
  ],
  [
    'indexes of a Job without them',
    object(),
    { completedIndexes: '0', failedIndexes: '0' },
    {},
    [
      'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode',
      'status.failedIndexes: Invalid value: "0": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
      'status.failedIndexes: Invalid value: "0": failedIndexes and completedIndexes overlap at index: 0',
    ],
  ],
  [
    'indexes that are none',
    indexed,
    { completedIndexes: '3-1' },
    {},
    [
      'status.completedIndexes: Invalid value: "3-1": error parsing completedIndexes: non-increasing order, previous: 3, current: 1',
    ],
  ],
  [
    'the end of what is final',
    object(),
    { startTime: start },
    { startTime: start, ...is('FailureTarget', 'Failed') },
    [
      conflict('cannot disable the terminal Failed=True condition'),
      conflict('cannot disable the terminal FailureTarget=True condition'),
    ],
  ],
  [
    'counters that go back',
    object(),
    { failed: 1, succeeded: 1 },
    { failed: 2, succeeded: 2 },
    [
      'status.failed: Invalid value: 1: cannot decrease the failed counter',
      'status.succeeded: Invalid value: 1: cannot decrease the succeeded counter',
    ],
  ],
  [
    'another start',
    object(),
    { startTime: later },
    { startTime: start },
    ['status.startTime: Required value: startTime cannot be removed for unsuspended job'],
  ],
  ['no start, once suspended', object({ suspend: true }), {}, { startTime: start }, []],
  [
    'another completion',
    object(),
    { ...complete, completionTime: '2026-01-01T00:02:00Z' },
    complete,
    ['status.completionTime: Invalid value: "2026-01-01T00:02:00Z": field is immutable'],
  ],
])('a report of %s', (_, job, status, before, expected) => {
  expect(statusErrors(jobs, job, status, before)).toEqual(expected);
});

it('lets elastic Jobs count fewer successes', () => {
  const elastic = object({ completionMode: 'Indexed', completions: 2, parallelism: 2 });
  expect(statusErrors(jobs, elastic, { succeeded: 1 }, { succeeded: 2 })).toEqual([]);
});

it('does not repeat old mistakes to whoever reports something else', () => {
  const wrong = { completedIndexes: '7', startTime: start };
  expect(statusErrors(jobs, indexed, { ...wrong, active: 1 }, wrong)).toEqual([]);
});
