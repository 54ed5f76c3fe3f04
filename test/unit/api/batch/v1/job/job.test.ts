import { jobs } from '../../../../../../api/batch/v1/job';
import { cellsOf, created, createErrors, updateErrors } from '../../../../../support/kinds';

const container = { name: 'main', image: 'i' };
const template = (spec: object = {}, metadata: object = {}) => ({
  metadata,
  spec: { restartPolicy: 'Never', containers: [container], ...spec },
});
const make = (spec: object = {}) => ({ spec: { template: template(), ...spec } });
const indexed = (spec: object = {}) => make({ completionMode: 'Indexed', completions: 5, ...spec });

describe('a new Job', () => {
  it('has upstream defaults', () => {
    expect(created(jobs, make()).spec).toMatchObject({
      completions: 1,
      parallelism: 1,
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      suspend: false,
      manualSelector: false,
      podReplacementPolicy: 'TerminatingOrFailed',
    });
    const workQueue = created(jobs, make({ parallelism: 3 }));
    expect(workQueue.spec).not.toHaveProperty('completions');
    const perIndex = { backoffLimitPerIndex: 1, podFailurePolicy: { rules: [{ onPodConditions: [{ type: 'A' }] }] } };
    expect(created(jobs, indexed(perIndex)).spec).toMatchObject({
      backoffLimit: 2 ** 31 - 1,
      podReplacementPolicy: 'Failed',
      podFailurePolicy: { rules: [{ onPodConditions: [{ type: 'A', status: 'True' }] }] },
    });
  });

  it('gets labels and a selector of its own, and the labels of its pods', () => {
    const labels = {
      'batch.kubernetes.io/controller-uid': 'a-uid',
      'batch.kubernetes.io/job-name': 'sample',
      'controller-uid': 'a-uid',
      'job-name': 'sample',
    };
    const job = created(jobs, make());
    expect(job.spec?.template.metadata?.labels).toEqual(labels);
    expect(job.spec?.selector).toEqual({ matchLabels: { 'batch.kubernetes.io/controller-uid': 'a-uid' } });
    expect(job.metadata?.labels).toEqual(labels);
    const labelled = created(jobs, { ...make({ template: template({}, { labels: { app: 'a' } }) }) });
    expect(labelled.metadata?.labels).toEqual({ ...labels, app: 'a' });
    const own = created(jobs, { metadata: { labels: { mine: 'yes' } }, ...make() });
    expect(own.metadata?.labels).toEqual({ mine: 'yes' });
  });

  it('may bring its own selector', () => {
    const selector = { matchLabels: { app: 'a' } };
    const manual = make({ manualSelector: true, selector, template: template({}, { labels: { app: 'a' } }) });
    expect(created(jobs, manual).spec?.selector).toEqual(selector);
    expect(createErrors(jobs, manual)).toEqual([]);
    expect(createErrors(jobs, make({ manualSelector: true }))).toEqual([
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: {}: `selector` does not match template `labels`',
    ]);
  });
});

const restart = 'spec.template.spec.restartPolicy';

it.each<[string, object, string[]]>([
  ['nothing wrong', make(), []],
  [
    'pods that always restart',
    make({ template: template({ restartPolicy: undefined }) }),
    [`${restart}: Required value: valid values: "OnFailure", "Never"`],
  ],
  [
    'labels of another Job',
    make({ template: template({}, { labels: { 'job-name': 'other' } }) }),
    [
      'spec.template.metadata.labels[job-name]: Invalid value: {"controller-uid":"a-uid","job-name":"other","batch.kubernetes.io/controller-uid":"a-uid","batch.kubernetes.io/job-name":"sample"}: must be \'sample\'',
    ],
  ],
  [
    'a selector of something else',
    make({ selector: { matchLabels: { a: 'b' } } }),
    [
      'spec.selector: Invalid value: {"matchLabels":{"batch.kubernetes.io/controller-uid":"a-uid","a":"b"}}: `selector` not auto-generated',
      'spec.template.metadata.labels: Invalid value: {"controller-uid":"a-uid","job-name":"sample","batch.kubernetes.io/controller-uid":"a-uid","batch.kubernetes.io/job-name":"sample"}: `selector` does not match template `labels`',
    ],
  ],
  [
    'negative numbers',
    make({
      parallelism: -1,
      completions: -1,
      activeDeadlineSeconds: -1,
      backoffLimit: -1,
      ttlSecondsAfterFinished: -1,
    }),
    ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished'].map(
      (field) => `spec.${field}: Invalid value: -1: must be greater than or equal to 0`,
    ),
  ],
  [
    'an unknown completion mode',
    make({ completionMode: 'Some' }),
    ['spec.completionMode: Unsupported value: "Some": supported values: "Indexed", "NonIndexed"'],
  ],
  [
    'indexes without their number',
    make({ completionMode: 'Indexed', parallelism: 1 }),
    ['spec.completions: Required value: when completion mode is Indexed'],
  ],
  [
    'limits per index without indexes',
    make({ backoffLimitPerIndex: 1, maxFailedIndexes: 1 }),
    [
      'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
      'spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode',
    ],
  ],
  [
    'failed indexes without a limit, and more than there are',
    indexed({ maxFailedIndexes: 6 }),
    [
      'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
      'spec.maxFailedIndexes: Invalid value: 6: must be less than or equal to completions',
    ],
  ],
  [
    'too many indexes at a time',
    indexed({ completions: 200_000, parallelism: 100_001 }),
    ['spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed'],
  ],
  [
    'very many indexes with limits of their own',
    indexed({ completions: 200_000, parallelism: 20_000, backoffLimitPerIndex: 1 }),
    [
      'spec.maxFailedIndexes: Required value: must be specified when completions is above 100000',
      'spec.parallelism: Invalid value: 20000: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
    ],
  ],
  [
    'managers without a domain, or with a long name',
    make({ managedBy: 'me' }),
    ['spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")'],
  ],
  [
    'a manager with a long name',
    make({ managedBy: `a.io/${'x'.repeat(60)}` }),
    ['spec.managedBy: Too long: may not be more than 63 bytes'],
  ],
  [
    'an unknown replacement policy',
    make({ podReplacementPolicy: 'Never' }),
    ['spec.podReplacementPolicy: Unsupported value: "Never": supported values: "Failed", "TerminatingOrFailed"'],
  ],
  [
    'a replacement that a failure policy excludes',
    make({
      podReplacementPolicy: 'TerminatingOrFailed',
      podFailurePolicy: { rules: [{ action: 'Count', onExitCodes: { operator: 'In', values: [1] } }] },
    }),
    ['spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"'],
  ],
  [
    'a name too long for hostnames of indexed pods',
    { metadata: { name: 'a'.repeat(62) }, ...indexed() },
    [
      `metadata.name: Invalid value: "${'a'.repeat(62)}": will not able to create pod with invalid DNS label: ${'a'.repeat(62)}-4`,
    ],
  ],
])('validates %s', (_, object, expected) => {
  expect(createErrors(jobs, object)).toEqual(expected);
});

const rule = (fields: object) => make({ podFailurePolicy: { rules: [fields] } });
const rules = 'spec.podFailurePolicy.rules[0]';

describe('pod failure policies', () => {
  it.each<[string, object, string[]]>([
    [
      'a rule that says nothing',
      rule({}),
      [
        `${rules}.action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]`,
        `${rules}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`,
      ],
    ],
    [
      'a rule that says both',
      rule({ action: 'Count', onExitCodes: { operator: 'In', values: [1] }, onPodConditions: [{ type: 'A' }] }),
      [`${rules}: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported`],
    ],
    [
      'an index that cannot fail',
      rule({ action: 'FailIndex', onPodConditions: [{ type: 'A' }] }),
      [`${rules}.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`],
    ],
    [
      'exit codes out of order, twice and 0',
      rule({ action: 'FailJob', onExitCodes: { operator: 'In', containerName: 'x', values: [2, 0, 2] } }),
      [
        `${rules}.onExitCodes.containerName: Invalid value: "x": must be one of the container or initContainer names in the pod template`,
        `${rules}.onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator`,
        `${rules}.onExitCodes.values[2]: Duplicate value: 2`,
        `${rules}.onExitCodes.values: Invalid value: [2,0,2]: must be ordered`,
      ],
    ],
    [
      'no exit codes',
      rule({ action: 'FailJob', onExitCodes: { operator: '', values: [] } }),
      [
        `${rules}.onExitCodes.operator: Required value: valid values: ["In" "NotIn"]`,
        `${rules}.onExitCodes.values: Invalid value: []: at least one value is required`,
      ],
    ],
    [
      'an unknown status',
      rule({ action: 'Ignore', onPodConditions: [{ type: 'A', status: 'Maybe' }] }),
      [`${rules}.onPodConditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"`],
    ],
    [
      'restarts in place',
      make({
        template: template({ restartPolicy: 'OnFailure' }),
        podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'A' }] }] },
      }),
      [`${restart}: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified`],
    ],
  ])('refuse %s', (_, object, expected) => {
    expect(createErrors(jobs, object)).toEqual(expected);
  });
});

describe('success policies', () => {
  const policy = (fields: object) => indexed({ successPolicy: { rules: [fields] } });
  const path = 'spec.successPolicy.rules[0]';
  it.each<[string, object, string[]]>([
    [
      'without indexes',
      make({ successPolicy: { rules: [] } }),
      ['spec.successPolicy: Invalid value: {"rules":[]}: requires indexed completion mode'],
    ],
    [
      'without rules',
      indexed({ successPolicy: { rules: [] } }),
      [
        'spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified',
      ],
    ],
    [
      'that say nothing',
      policy({}),
      [`${path}: Required value: at least one of succeededCount or succeededIndexes must be specified`],
    ],
    [
      'with indexes that are not there',
      policy({ succeededIndexes: '1,3-5' }),
      [`${path}.succeededIndexes: Invalid value: "1,3-5": error parsing succeededIndexes: too large index: "5"`],
    ],
    [
      'with more successes than indexes',
      policy({ succeededIndexes: '1,3-4', succeededCount: 4 }),
      [
        `${path}.succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of indexes in the specified succeededIndexes field)`,
      ],
    ],
    [
      'with more successes than completions',
      policy({ succeededCount: 6 }),
      [
        `${path}.succeededCount: Invalid value: 6: must be less than or equal to 5 (the number of specified completions)`,
      ],
    ],
  ])('refuses those %s', (_, object, expected) => {
    expect(createErrors(jobs, object)).toEqual(expected);
  });
});

describe('an update', () => {
  const immutable = (field: string, value: unknown) =>
    `spec.${field}: Invalid value: ${JSON.stringify(value)}: field is immutable`;
  it.each<[string, object, (job: any) => void, string[]]>([
    [
      'of parallelism and limits',
      make(),
      ({ spec }) => Object.assign(spec, { parallelism: 4, suspend: true, backoffLimit: 1 }),
      [],
    ],
    ['of completions', make(), ({ spec }) => (spec.completions = 2), [immutable('completions', 2)]],
    [
      'of both counts of an elastic Job',
      indexed({ parallelism: 5 }),
      ({ spec }) => Object.assign(spec, { completions: 3, parallelism: 3 }),
      [],
    ],
    [
      'of one count of an elastic Job',
      indexed({ parallelism: 5 }),
      ({ spec }) => (spec.completions = 3),
      ['spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism'],
    ],
    [
      'of what cannot change',
      indexed(),
      ({ spec }) => Object.assign(spec, { completionMode: 'NonIndexed', managedBy: 'a.io/b' }),
      [immutable('completionMode', 'NonIndexed'), immutable('managedBy', 'a.io/b')],
    ],
  ])('%s', (_, object, edit, expected) => {
    expect(updateErrors(jobs, object, edit)).toEqual(expected);
  });

  const reshape = ({ spec }: any): void => {
    spec.template.spec.nodeSelector = { zone: 'a' };
    spec.template.spec.tolerations = [{ operator: 'Exists' }];
    spec.template.spec.affinity = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } };
    spec.template.spec.containers[0].resources = { requests: { cpu: '1' } };
    spec.template.metadata.labels.more = 'yes';
  };

  it('reshapes the pods of a suspended Job that never ran', () => {
    const suspended = make({ suspend: true });
    expect(updateErrors(jobs, suspended, reshape)).toEqual([]);
    expect(updateErrors(jobs, make(), reshape)).toEqual([
      expect.stringMatching(/^spec\.template: Invalid value: .*: field is immutable$/),
    ]);
    const started = (old: any): unknown => (old.status = { startTime: '2026-01-01T00:00:00Z' });
    expect(updateErrors(jobs, suspended, reshape, started)).toHaveLength(1);
    const newImage = ({ spec }: any): unknown => (spec.template.spec.containers[0].image = 'j');
    expect(updateErrors(jobs, suspended, newImage)).toHaveLength(1);
  });
});

it.each<[object, object, string, string, string]>([
  [{ completions: 3 }, { succeeded: 1, startTime: '1970-01-01T00:00:00Z' }, 'Running', '1/3', '100s'],
  [{ parallelism: 2, completions: undefined }, {}, 'Running', '0/1 of 2', ''],
  [{ parallelism: 1, completions: undefined }, {}, 'Running', '0/1', ''],
  [
    { completions: 1 },
    {
      succeeded: 1,
      startTime: '1970-01-01T00:00:00Z',
      completionTime: '1970-01-01T00:00:07Z',
      conditions: [{ type: 'Complete', status: 'True' }],
    },
    'Complete',
    '1/1',
    '7s',
  ],
  [{ completions: 1 }, { conditions: [{ type: 'Failed', status: 'True' }] }, 'Failed', '0/1', ''],
  [{ completions: 1 }, { conditions: [{ type: 'Suspended', status: 'True' }] }, 'Suspended', '0/1', ''],
  [{ completions: 1 }, { conditions: [{ type: 'FailureTarget', status: 'True' }] }, 'FailureTarget', '0/1', ''],
])('prints %p with %p as %s %s %s', (spec, status, state, completions, duration) => {
  expect(cellsOf(jobs, { spec, status }, 100_000)).toMatchObject({
    Status: state,
    Completions: completions,
    Duration: duration,
  });
});

it('warns of names that are no labels, and of pods that hide variables', () => {
  const env = [
    { name: 'A', value: '1' },
    { name: 'A', value: '2' },
  ];
  const job = created(jobs, {
    metadata: { name: 'a.b' },
    ...make({ template: template({ containers: [{ ...container, env }] }) }),
  });
  expect(jobs.warnings?.(job)).toEqual([
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
    'spec.template.spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
  ]);
  expect(jobs.warnings?.(job, job)).toEqual([]);
});
