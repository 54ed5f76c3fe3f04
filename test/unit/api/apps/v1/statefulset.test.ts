import { statefulSets } from '../../../../../api/apps/v1/statefulset';
import { created, createErrors, statusErrors, updateErrors } from '../../../../support/kinds';

const claim = (spec: object = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }) => ({
  metadata: { name: 'data' },
  spec,
});
const container = { name: 'c', image: 'i', volumeMounts: [{ name: 'data', mountPath: '/data' }] };
const make = (spec: object = {}, template: object = {}) => ({
  spec: {
    serviceName: 'db',
    selector: { matchLabels: { app: 'a' } },
    template: { metadata: { labels: { app: 'a' } }, spec: { containers: [container], ...template } },
    volumeClaimTemplates: [claim()],
    ...spec,
  },
});

it('has upstream defaults, for its claims too', () => {
  expect(created(statefulSets, make()).spec).toMatchObject({
    replicas: 1,
    revisionHistoryLimit: 10,
    podManagementPolicy: 'OrderedReady',
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: 1 } },
    volumeClaimTemplates: [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        spec: { volumeMode: 'Filesystem' },
        status: { phase: 'Pending' },
      },
    ],
  });
  const strategy = { type: 'RollingUpdate' };
  expect(created(statefulSets, make({ updateStrategy: strategy })).spec?.updateStrategy).toEqual(strategy);
});

const strategy = (updateStrategy: object) => make({ updateStrategy });

it.each<[string, object, string[]]>([
  ['mounts of its claim templates', make(), []],
  [
    'hostname and subdomain, which the controller sets',
    make({}, { hostname: 'not a name', subdomain: 'nor this' }),
    [],
  ],
  [
    'a mount of nothing',
    make({ volumeClaimTemplates: [] }),
    ['spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"'],
  ],
  [
    'a claim template without size',
    make({ volumeClaimTemplates: [claim({ accessModes: ['ReadWriteOnce'] })] }),
    ['spec.volumeClaimTemplates[0].spec.resources[storage]: Required value'],
  ],
  [
    'an unknown management of pods',
    make({ podManagementPolicy: 'Random' }),
    [`spec.podManagementPolicy: Invalid value: "Random": must be 'OrderedReady' or 'Parallel'`],
  ],
  [
    'an unknown strategy',
    strategy({ type: 'Sometimes' }),
    [`spec.updateStrategy: Invalid value: {"type":"Sometimes"}: must be 'RollingUpdate' or 'OnDelete'`],
  ],
  [
    'a rolling update on deletion',
    strategy({ type: 'OnDelete', rollingUpdate: {} }),
    [`spec.updateStrategy.rollingUpdate: Invalid value: {}: only allowed for updateStrategy 'RollingUpdate'`],
  ],
  [
    'a bad rolling update',
    strategy({ type: 'RollingUpdate', rollingUpdate: { partition: -1, maxUnavailable: 0 } }),
    [
      'spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0',
      'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0',
    ],
  ],
  [
    'an unknown retention of claims',
    make({ persistentVolumeClaimRetentionPolicy: { whenScaled: 'Keep' } }),
    [
      'spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Keep": supported values: "Delete", "Retain"',
    ],
  ],
  [
    'negative numbers',
    make({ replicas: -1, minReadySeconds: -1, ordinals: { start: -1 } }),
    [
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      'spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0',
      'spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    'an empty selector',
    make({ selector: {} }),
    ['spec.selector: Invalid value: {}: empty selector is invalid for statefulset'],
  ],
  [
    'pods that end',
    make({}, { activeDeadlineSeconds: 5 }),
    ['spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in StatefulSet is not Supported'],
  ],
])('validates %s', (_, object, expected) => {
  expect(createErrors(statefulSets, object)).toEqual(expected);
});

it('wants its service and itself to have names that are labels', () => {
  expect(createErrors(statefulSets, make({ serviceName: 'a.b' }))).toEqual([
    'spec.serviceName: Invalid value: "a.b": must not contain dots',
  ]);
  expect(statefulSets.validateName?.('a.b', false)).toHaveLength(1);
});

const onlySome =
  "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

it.each<[string, (set: any) => void, string[]]>([
  [
    'everything that may change',
    ({ spec }) => {
      spec.replicas = 3;
      spec.minReadySeconds = 1;
      spec.revisionHistoryLimit = 1;
      spec.ordinals = { start: 1 };
      spec.updateStrategy = { type: 'OnDelete' };
      spec.persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Delete' };
      spec.template.spec.containers[0].image = 'j';
    },
    [],
  ],
  ['another service', ({ spec }) => (spec.serviceName = 'other'), [onlySome]],
  ['another management of pods', ({ spec }) => (spec.podManagementPolicy = 'Parallel'), [onlySome]],
  ['a larger claim', ({ spec }) => (spec.volumeClaimTemplates[0].spec.resources.requests.storage = '2Gi'), [onlySome]],
  [
    'a template without containers',
    ({ spec }) => (spec.template.spec.containers = []),
    ['spec.template.spec.containers: Required value'],
  ],
])('an update with %s', (_, edit, expected) => {
  expect(updateErrors(statefulSets, make(), edit)).toEqual(expected);
});

it('lets a set be changed whose template was never right', () => {
  const wrong = make({}, { containers: [] });
  expect(updateErrors(statefulSets, wrong, ({ spec }) => (spec.replicas = 0))).toEqual([]);
});

it('checks reported counts', () => {
  expect(statusErrors(statefulSets, make(), { replicas: 1, readyReplicas: 2, availableReplicas: 1 })).toEqual([
    'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
  ]);
  expect(statusErrors(statefulSets, make(), { replicas: 1, availableReplicas: 1 })).toEqual([
    'status.availableReplicas: Invalid value: 1: cannot be greater than status.readyReplicas',
  ]);
  expect(statusErrors(statefulSets, make(), { replicas: 0, collisionCount: 1 }, { collisionCount: 2 })).toEqual([
    'status.collisionCount: Invalid value: 1: cannot be decremented',
  ]);
});

it('warns of revisions kept for ever, and of parts of bytes', () => {
  const tiny = claim({ accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '100m' } } });
  const set = created(statefulSets, make({ revisionHistoryLimit: -1, volumeClaimTemplates: [tiny] }));
  expect(statefulSets.warnings?.(set)).toEqual([
    'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
    'spec.volumeClaimTemplates[0].Spec.resources.requests[storage]: fractional byte value "100m" is invalid, must be an integer',
  ]);
});
