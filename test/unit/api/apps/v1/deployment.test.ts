import { type Deployment, deployments } from '../../../../../api/apps/v1/deployment';
import { formatFieldError } from '../../../../../api/meta/field-error';

const make = (spec: object = {}): Deployment => {
  const deployment = {
    metadata: { name: 'd', namespace: 'n' },
    spec: {
      selector: { matchLabels: { app: 'a' } },
      template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      ...spec,
    },
  } as Deployment;
  deployments.defaults?.(deployment);
  return deployment;
};

it('has upstream defaults', () => {
  expect(make().spec).toMatchObject({
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    template: { spec: { restartPolicy: 'Always', terminationGracePeriodSeconds: 30 } },
  });
  expect(make().spec?.template.spec?.enableServiceLinks).toBeUndefined();
});

it.each<[string, object, string[]]>([
  ['nothing wrong', {}, []],
  ['negative replicas', { replicas: -1 }, ['spec.replicas: Invalid value: -1: must be greater than or equal to 0']],
  [
    'a selector that misses the template',
    { selector: { matchLabels: { app: 'b' } } },
    ['spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`'],
  ],
  [
    'an empty selector',
    { selector: {} },
    ['spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
  ],
  [
    'no surge and no unavailability',
    { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } },
    ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0'],
  ],
  [
    'a recreation that rolls',
    { strategy: { type: 'Recreate', rollingUpdate: {} } },
    ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
  ],
  [
    'a deadline within the minimum of readiness',
    { minReadySeconds: 10, progressDeadlineSeconds: 10 },
    ['spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds'],
  ],
])('validates %s', (_, spec, expected) => {
  expect(deployments.validate?.(make(spec)).map((error) => formatFieldError(error))).toEqual(expected);
});

it('keeps the selector', () => {
  const changed = make({ selector: { matchLabels: { app: 'a', more: 'b' } } });
  changed.spec!.template.metadata!.labels!.more = 'b';
  expect(deployments.validateUpdate?.(changed, make()).map((error) => formatFieldError(error))).toEqual([
    'spec.selector: Invalid value: {"matchLabels":{"app":"a","more":"b"}}: field is immutable',
  ]);
});

it('prints ready of desired, and wide columns last', () => {
  const deployment = {
    ...make({ replicas: 3 }),
    status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 2 },
  };
  const cells = deployments.columns?.map(({ name, value }) => [name, value(deployment, 0)]);
  expect(cells).toEqual([
    ['Name', 'd'],
    ['Ready', '2/3'],
    ['Up-to-date', 3],
    ['Available', 2],
    ['Age', '<unknown>'],
    ['Containers', 'c'],
    ['Images', 'i'],
    ['Selector', 'app=a'],
  ]);
});
