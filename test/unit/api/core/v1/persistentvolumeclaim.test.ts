import { persistentVolumeClaims } from '../../../../../api/core/v1/persistentvolumeclaim';
import { cellsOf, created, createErrors, statusErrors, updateErrors } from '../../../../support/kinds';

const make = (spec: object = {}, metadata: object = {}) => ({
  metadata,
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
});

it('is new: Pending, of file systems, in canonical sizes', () => {
  const claim = created(persistentVolumeClaims, make({ resources: { requests: { storage: '1024Mi' } } }));
  expect(claim).toMatchObject({
    spec: { volumeMode: 'Filesystem', resources: { requests: { storage: '1Gi' } } },
    status: { phase: 'Pending' },
  });
});

describe('data sources', () => {
  const snapshot = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's' };
  const populator = { apiGroup: 'example.com', kind: 'Book', name: 'b' };
  it.each<[string, object, object]>([
    ['the old field sets the new', { dataSource: snapshot }, { dataSource: snapshot, dataSourceRef: snapshot }],
    ['the new field sets the old', { dataSourceRef: populator }, { dataSource: populator, dataSourceRef: populator }],
    ['the old field takes claims and snapshots only', { dataSource: populator }, {}],
    ['other namespaces are out of reach', { dataSourceRef: { ...snapshot, namespace: 'other' } }, {}],
  ])('%s', (_, given, expected) => {
    const { dataSource, dataSourceRef } = created(persistentVolumeClaims, make(given)).spec ?? {};
    expect({ ...(dataSource && { dataSource }), ...(dataSourceRef && { dataSourceRef }) }).toEqual(expected);
  });

  it.each<[string, object, string[]]>([
    [
      'without group are claims',
      { dataSource: { kind: 'Pod', name: 'a' }, dataSourceRef: { kind: 'Pod', name: 'a' } },
      ['dataSource', 'dataSourceRef'].map(
        (field) =>
          `spec.${field}: Invalid value: "Pod": must be 'PersistentVolumeClaim' when referencing the default apiGroup`,
      ),
    ],
    [
      'have names and kinds',
      { dataSourceRef: { apiGroup: 'a.b', kind: '', name: '' } },
      ['dataSource', 'dataSourceRef'].flatMap((field) => [
        `spec.${field}.name: Required value`,
        `spec.${field}.kind: Required value`,
      ]),
    ],
    [
      'agree',
      { dataSource: snapshot, dataSourceRef: { ...snapshot, name: 'other' } },
      ['spec: Invalid value: "spec.dataSource": must match dataSourceRef'],
    ],
  ])('%s', (_, given, expected) => {
    expect(createErrors(persistentVolumeClaims, make(given))).toEqual(expected);
  });
});

it.each<[string, object, string[]]>([
  ['nothing wrong', make(), []],
  [
    'neither modes nor size',
    { spec: {} },
    ['spec.accessModes: Required value: at least 1 access mode is required', 'spec.resources[storage]: Required value'],
  ],
  [
    'an unknown mode',
    make({ accessModes: ['RWO'] }),
    [
      'spec.accessModes: Unsupported value: "RWO": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
    ],
  ],
  [
    'a mode that stands alone',
    make({ accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'] }),
    ['spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes'],
  ],
  [
    'no bytes',
    make({ resources: { requests: { storage: '0' } } }),
    ['spec.resources[storage]: Invalid value: "0": must be greater than zero'],
  ],
  [
    'an unknown volume mode',
    make({ volumeMode: 'Tape' }),
    ['spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"'],
  ],
  ['no class', make({ storageClassName: '' }), []],
])('validates %s', (_, object, expected) => {
  expect(createErrors(persistentVolumeClaims, object)).toEqual(expected);
});

const bind = (claim: any): void => {
  claim.spec.volumeName = 'pv';
  claim.status = { phase: 'Bound', capacity: { storage: '1Gi' } };
};
const resize = (size: string) => (claim: any) => (claim.spec.resources.requests.storage = size);
const fixed =
  'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n  core.PersistentVolumeClaimSpec{\n';
const sizePath = 'spec.resources.requests.storage';

describe('an update', () => {
  it.each<[string, object, (claim: any) => unknown, (old: any) => unknown, string[]]>([
    ['binds once', make(), ({ spec }) => (spec.volumeName = 'pv'), () => undefined, []],
    [
      'does not bind again',
      make(),
      ({ spec }) => (spec.volumeName = 'other'),
      bind,
      [`${fixed}- \tVolumeName: "pv",\n+ \tVolumeName: "other",\n  }\n`],
    ],
    ['expands what is bound', make(), resize('2Gi'), bind, []],
    [
      'does not expand what is not bound',
      make(),
      resize('2Gi'),
      () => undefined,
      [`${fixed}- \tResources.Requests.Storage: "1Gi",\n+ \tResources.Requests.Storage: "2Gi",\n  }\n`],
    ],
    [
      'does not shrink',
      make({ resources: { requests: { storage: '3Gi' } } }),
      resize('1Gi'),
      bind,
      [`${sizePath}: Forbidden: field can not be less than status.capacity`],
    ],
    ['takes an expansion back in part', make({ resources: { requests: { storage: '3Gi' } } }), resize('2Gi'), bind, []],
    ['gives a class where there was none', make(), ({ spec }) => (spec.storageClassName = 'fast'), () => undefined, []],
    [
      'keeps a class',
      make({ storageClassName: 'fast' }),
      ({ spec }) => (spec.storageClassName = 'slow'),
      () => undefined,
      [`${fixed}- \tStorageClassName: "fast",\n+ \tStorageClassName: "slow",\n  }\n`],
    ],
    ['changes attributes', make(), ({ spec }) => (spec.volumeAttributesClassName = 'gold'), () => undefined, []],
    [
      'does not take attributes away',
      make({ volumeAttributesClassName: 'gold' }),
      ({ spec }) => delete spec.volumeAttributesClassName,
      () => undefined,
      ['spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden'],
    ],
    [
      'moves a class from annotation to field',
      make({}, { annotations: { 'volume.beta.kubernetes.io/storage-class': 'fast' } }),
      ({ spec }) => (spec.storageClassName = 'fast'),
      () => undefined,
      [],
    ],
    [
      'keeps the annotation',
      make({}, { annotations: { 'volume.beta.kubernetes.io/storage-class': 'fast' } }),
      ({ metadata }) => (metadata.annotations['volume.beta.kubernetes.io/storage-class'] = 'slow'),
      () => undefined,
      ['metadata.annotations[volume.beta.kubernetes.io/storage-class]: Invalid value: "slow": field is immutable'],
    ],
  ])('%s', (_, object, edit, editOld, expected) => {
    expect(updateErrors(persistentVolumeClaims, object, edit, editOld)).toEqual(expected);
  });
});

it('checks reported sizes', () => {
  const status = {
    capacity: { storage: '-1' },
    allocatedResources: { cpu: '1' },
    allocatedResourceStatuses: { storage: 'Growing' },
  };
  expect(statusErrors(persistentVolumeClaims, make(), status)).toEqual([
    'status.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
    'status.allocatedResourceStatus: Unsupported value: "storage": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
    'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"',
  ]);
});

it('prints what it has once it is bound', () => {
  const claim = created(persistentVolumeClaims, make({ storageClassName: 'fast' }));
  expect(cellsOf(persistentVolumeClaims, claim)).toMatchObject({
    Capacity: '',
    'Access Modes': '',
    StorageClass: 'fast',
  });
  bind(claim);
  claim.status!.accessModes = ['ReadWriteMany', 'ReadWriteOnce'];
  expect(cellsOf(persistentVolumeClaims, claim)).toMatchObject({
    Status: 'Bound',
    Volume: 'pv',
    Capacity: '1Gi',
    'Access Modes': 'RWO,RWX',
    VolumeAttributesClass: '<unset>',
    VolumeMode: 'Filesystem',
  });
});

it('warns of old annotations and of parts of bytes', () => {
  const claim = make(
    { resources: { requests: { storage: '100m' } } },
    { annotations: { 'volume.beta.kubernetes.io/storage-class': 'fast' } },
  );
  expect(persistentVolumeClaims.warnings?.(claim)).toEqual([
    'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead',
    'spec.resources.requests[storage]: fractional byte value "100m" is invalid, must be an integer',
  ]);
});
