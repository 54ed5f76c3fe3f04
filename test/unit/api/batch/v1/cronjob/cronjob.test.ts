import { cronJobs } from '../../../../../../api/batch/v1/cronjob';
import { cellsOf, created, createErrors, updateErrors } from '../../../../../support/kinds';

const jobSpec = { template: { spec: { restartPolicy: 'OnFailure', containers: [{ name: 'c', image: 'i' }] } } };
const make = (spec: object = {}, job: object = {}) => ({
  spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { ...jobSpec, ...job } }, ...spec },
});

it('has upstream defaults, which are not those of Jobs', () => {
  const { spec } = created(cronJobs, make());
  expect(spec).toMatchObject({
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  });
  expect(spec?.jobTemplate.spec).not.toHaveProperty('completions');
  expect(spec?.jobTemplate.spec?.template.spec).toMatchObject({ dnsPolicy: 'ClusterFirst' });
});

it.each<[string, object, string[]]>([
  ['a zone', make({ timeZone: 'Europe/Berlin' }), []],
  ['an alias of a zone', make({ timeZone: 'US/Pacific' }), []],
  [
    'a zone in the wrong case',
    make({ timeZone: 'europe/berlin' }),
    ['spec.timeZone: Invalid value: "europe/berlin": unknown time zone europe/berlin'],
  ],
  [
    'an unknown zone',
    make({ timeZone: 'Mars/Base' }),
    ['spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base'],
  ],
  [
    'a path',
    make({ timeZone: '../etc/passwd' }),
    ['spec.timeZone: Invalid value: "../etc/passwd": unknown time zone ../etc/passwd'],
  ],
  [
    'the local zone',
    make({ timeZone: 'Local' }),
    [
      'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
    ],
  ],
  [
    'an empty zone',
    make({ timeZone: '' }),
    ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'],
  ],
  ['no schedule', make({ schedule: '' }), ['spec.schedule: Required value']],
  [
    'a bad schedule',
    make({ schedule: '* * * *' }),
    ['spec.schedule: Invalid value: "* * * *": expected exactly 5 fields, found 4: [* * * *]'],
  ],
  [
    'a zone in the schedule',
    make({ schedule: 'TZ=UTC 0 * * * *' }),
    [
      'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
  ],
  [
    'an unknown concurrency',
    make({ concurrencyPolicy: 'Some' }),
    ['spec.concurrencyPolicy: Unsupported value: "Some": supported values: "Allow", "Forbid", "Replace"'],
  ],
  [
    'negative numbers',
    make({ startingDeadlineSeconds: -1, successfulJobsHistoryLimit: -1, failedJobsHistoryLimit: -1 }),
    [
      'spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
      'spec.successfulJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
      'spec.failedJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'a Job with a selector',
    make({}, { selector: {}, manualSelector: true }),
    [
      'spec.jobTemplate.spec.selector: Invalid value: {}: `selector` will be auto-generated',
      'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "false", "nil"',
    ],
  ],
  [
    'a Job that never ends',
    make({}, { template: { spec: { containers: jobSpec.template.spec.containers } } }),
    ['spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  ],
  [
    'a long name',
    { metadata: { name: 'a'.repeat(53) }, ...make() },
    [`metadata.name: Invalid value: "${'a'.repeat(53)}": must be no more than 52 characters`],
  ],
])('validates %s', (_, object, expected) => {
  expect(createErrors(cronJobs, object)).toEqual(expected);
});

it('keeps what was once allowed', () => {
  const zoned = make({ schedule: 'TZ=UTC 0 * * * *', timeZone: 'Mars/Base' });
  expect(updateErrors(cronJobs, zoned, ({ spec }) => (spec.suspend = true))).toEqual([
    'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use both timeZone field and TZ or CRON_TZ in schedule',
  ]);
  const longNamed = { metadata: { name: 'a'.repeat(60) }, ...make() };
  expect(updateErrors(cronJobs, longNamed, ({ spec }) => (spec.suspend = true))).toEqual([]);
});

it('prints when it runs, and when it last did', () => {
  const cronJob = {
    ...created(cronJobs, make()),
    status: { active: [{}, {}], lastScheduleTime: '1970-01-01T00:00:00Z' },
  };
  expect(cellsOf(cronJobs, cronJob, 60_000)).toMatchObject({
    Schedule: '*/5 * * * *',
    Timezone: '<none>',
    Suspend: 'False',
    Active: 2,
    'Last Schedule': '60s',
    Containers: 'c',
    Selector: '<none>',
  });
});

it('warns of a zone in the schedule', () => {
  expect(cronJobs.warnings?.(created(cronJobs, make({ schedule: 'TZ=UTC 0 * * * *' })))).toEqual([
    expect.stringMatching(/^cannot use TZ or CRON_TZ in spec\.spec\.schedule, use timeZone instead/),
  ]);
});
