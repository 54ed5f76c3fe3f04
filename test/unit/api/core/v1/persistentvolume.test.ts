import { persistentVolumes } from '../../../../../api/core/v1/persistentvolume';
import { cellsOf, created, createErrors, updateErrors } from '../../../../support/kinds';

const base = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] };
const make = (spec: object = { hostPath: { path: '/data' } }) => ({ spec: { ...base, ...spec } });
const affinity = {
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }] },
};

it('has upstream defaults', () => {
  const volume = created(persistentVolumes, make());
  expect(volume).toMatchObject({
    spec: { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem', hostPath: { type: '' } },
    status: { phase: 'Pending' },
  });
});

it.each<[string, object, string[]]>([
  ['nothing wrong', make(), []],
  [
    'nothing at all',
    { spec: {} },
    [
      'spec.accessModes: Required value',
      'spec.capacity: Required value',
      'spec.capacity: Unsupported value: {}: supported values: "storage"',
      'spec: Required value: must specify a volume type',
    ],
  ],
  [
    'other capacities',
    make({ capacity: { storage: '0', cpu: '1' }, hostPath: { path: '/a' } }),
    [
      'spec.capacity: Unsupported value: {"storage":"0","cpu":"1"}: supported values: "storage"',
      'spec.capacity[storage]: Invalid value: "0": must be greater than zero',
    ],
  ],
  [
    'two sources',
    make({ hostPath: { path: '/a' }, nfs: { server: 's', path: '/b' } }),
    ['spec.nfs: Forbidden: may not specify more than 1 volume type'],
  ],
  [
    'an unknown reclaim policy',
    make({ hostPath: { path: '/a' }, persistentVolumeReclaimPolicy: 'Burn' }),
    ['spec.persistentVolumeReclaimPolicy: Unsupported value: "Burn": supported values: "Delete", "Recycle", "Retain"'],
  ],
  [
    'recycling the root',
    make({ hostPath: { path: '/./' }, persistentVolumeReclaimPolicy: 'Recycle' }),
    [`spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'`],
  ],
  [
    'a path upwards',
    make({ hostPath: { path: '/a/../b' } }),
    [`spec.hostPath.path: Invalid value: "/a/../b": must not contain '..'`],
  ],
  ['a local path of a node', make({ local: { path: '/a' }, nodeAffinity: affinity }), []],
  [
    'a local path of no node',
    make({ local: { path: '' } }),
    ['spec.local.path: Required value', 'spec.nodeAffinity: Required value: Local volume requires node affinity'],
  ],
  [
    'an affinity to nothing',
    make({ local: { path: '/a' }, nodeAffinity: {} }),
    ['spec.nodeAffinity.required: Required value: must specify required node constraints'],
  ],
  [
    'a CSI volume without a handle, with half a secret',
    make({ csi: { driver: 'a.b', volumeHandle: '', nodePublishSecretRef: { name: 's' } } }),
    ['spec.csi.volumeHandle: Required value', 'spec.csi.nodePublishSecretRef.namespace: Required value'],
  ],
  [
    'a CSI driver with a long name',
    make({ csi: { driver: 'a'.repeat(64), volumeHandle: 'h' } }),
    ['spec.csi.driver: Too long: may not be more than 63 bytes'],
  ],
  [
    'fibre channel without and with too much',
    make({ fc: {} }),
    ['spec.fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both'],
  ],
  [
    'targets without a unit',
    make({ fc: { targetWWNs: ['w'] } }),
    ['spec.fc.lun: Required value: lun is required if targetWWNs is specified'],
  ],
  [
    'a relative export',
    make({ nfs: { server: 's', path: 'a' } }),
    ['spec.nfs.path: Invalid value: "a": must be an absolute path'],
  ],
  [
    'missing fields',
    make({ iscsi: { targetPortal: '', iqn: '', lun: 256 } }),
    [
      'spec.iscsi.targetPortal: Required value',
      'spec.iscsi.iqn: Required value',
      'spec.iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
    ],
  ],
  [
    'attributes of what has none',
    make({ hostPath: { path: '/a' }, volumeAttributesClassName: '' }),
    [
      'spec.volumeAttributesClassName: Required value: an empty string is disallowed',
      'spec.csi: Required value: has to be specified when using volumeAttributesClassName',
    ],
  ],
])('validates %s', (_, object, expected) => {
  expect(createErrors(persistentVolumes, object)).toEqual(expected);
});

const csi = { driver: 'a.b', volumeHandle: 'h' };

describe('an update', () => {
  it.each<[string, object, (volume: any) => unknown, string[]]>([
    ['changes what is not its source', make(), ({ spec }) => Object.assign(spec, { capacity: { storage: '2Gi' } }), []],
    [
      'keeps the source',
      make(),
      ({ spec }) => (spec.hostPath.path = '/other'),
      [
        'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n  core.PersistentVolumeSource{\n- \tHostPath.Path: "/data",\n+ \tHostPath.Path: "/other",\n  }\n',
      ],
    ],
    [
      'sets the secret of expansions once',
      make({ csi }),
      ({ spec }) => (spec.csi.controllerExpandSecretRef = { name: 'a', namespace: 'b' }),
      [],
    ],
    [
      'keeps the mode',
      make(),
      ({ spec }) => (spec.volumeMode = 'Block'),
      ['volumeMode: Invalid value: "Block": field is immutable'],
    ],
    ['sets node affinity once', make(), ({ spec }) => (spec.nodeAffinity = affinity), []],
    [
      'keeps attributes',
      make({ csi, volumeAttributesClassName: 'gold' }),
      ({ spec }) => delete spec.volumeAttributesClassName,
      ['spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden'],
    ],
  ])('%s', (_, object, edit, expected) => {
    expect(updateErrors(persistentVolumes, object, edit)).toEqual(expected);
  });

  it('keeps node affinity', () => {
    const volume = make({ local: { path: '/a' }, nodeAffinity: affinity });
    const edit = ({ spec }: any) =>
      (spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values = ['c']);
    expect(updateErrors(persistentVolumes, volume, edit)).toEqual([
      expect.stringMatching(/^nodeAffinity: Invalid value: .*: field is immutable$/),
    ]);
  });
});

it('prints its claim, class and state', () => {
  const volume = created(persistentVolumes, make({ hostPath: { path: '/a' }, storageClassName: 'slow' }));
  volume.spec!.claimRef = { namespace: 'n', name: 'c' };
  volume.status = { phase: 'Bound', reason: 'Fine' };
  expect(cellsOf(persistentVolumes, volume)).toMatchObject({
    Capacity: '1Gi',
    'Access Modes': 'RWO',
    'Reclaim Policy': 'Retain',
    Status: 'Bound',
    Claim: 'n/c',
    StorageClass: 'slow',
    Reason: 'Fine',
  });
  volume.metadata!.deletionTimestamp = '2026-01-01T00:00:00Z';
  expect(cellsOf(persistentVolumes, volume)).toMatchObject({ Status: 'Terminating' });
});

it('warns of what is going or gone', () => {
  const old = { key: 'failure-domain.beta.kubernetes.io/zone', operator: 'Exists' };
  const nodeAffinity = { required: { nodeSelectorTerms: [{ matchExpressions: [old] }] } };
  const rbd = { monitors: ['m'], image: 'i' };
  const spec = { ...base, rbd, storageos: {}, nodeAffinity, persistentVolumeReclaimPolicy: 'Recycle' };
  expect(persistentVolumes.warnings?.({ spec })).toEqual([
    'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    'spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    'spec.storageOS: deprecated in v1.22, non-functional in v1.25+',
    'spec.rbd: deprecated in v1.28, non-functional in v1.31+',
  ]);
});
