import { csiDrivers } from '../../../../../api/storage/v1/csidriver';
import { csiNodes } from '../../../../../api/storage/v1/csinode';
import { csiStorageCapacities } from '../../../../../api/storage/v1/csistoragecapacity';
import { storageClasses } from '../../../../../api/storage/v1/storageclass';
import { volumeAttachments } from '../../../../../api/storage/v1/volumeattachment';
import { volumeAttributesClasses } from '../../../../../api/storage/v1/volumeattributesclass';
import { type FieldError, formatFieldError } from '../../../../../api/meta/field-error';
import type { ResourceDefinition } from '../../../../../api/meta/resource-definition';
import { loadFixture } from '../../../../support/fixtures';

type Change = Record<string, unknown>;
type Row = [string, ResourceDefinition, Change, string[]];

const texts = (errors: FieldError[]): string[] => errors.map((error) => formatFieldError(error));

/** The sample with changes at the top or in its spec. */
function changed(definition: ResourceDefinition, change: Change): any {
  const object = loadFixture(definition);
  if (object.spec) object.spec = { ...object.spec, ...change };
  else Object.assign(object, change);
  definition.defaults?.(object);
  return object;
}

const term = (...keys: string[]) => ({ matchLabelExpressions: keys.map((key) => ({ key, values: ['a'] })) });

describe('storage kinds', () => {
  it.each<Row>([
    ['needs a provisioner', storageClasses, { provisioner: '' }, ['provisioner: Required value']],
    [
      'knows policies and modes',
      storageClasses,
      { reclaimPolicy: 'Recycle', volumeBindingMode: 'Later' },
      [
        'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
        'volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"',
      ],
    ],
    [
      'limits parameters',
      storageClasses,
      { parameters: { '': 'x', a: 'x'.repeat(256 * 1024) } },
      [
        'parameters: Invalid value: "": field can not be empty.',
        'parameters: Too long: may not be more than 262144 bytes',
      ],
    ],
    [
      'names topologies once',
      storageClasses,
      { allowedTopologies: [term('a', 'a'), term('b'), term('b'), { matchLabelExpressions: [{ key: 'c' }] }] },
      [
        'allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: "a"',
        'allowedTopologies[2].matchLabelExpressions: Duplicate value: ""',
        'allowedTopologies[3].matchLabelExpressions[0].values: Required value',
      ],
    ],
    [
      'needs attributes',
      volumeAttributesClasses,
      { parameters: {} },
      ['parameters: Required value: must contain at least one key/value pair'],
    ],
    [
      'attaches one volume to a node',
      volumeAttachments,
      { source: {}, nodeName: '', attacher: 'A_' },
      [
        'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
        expect.stringMatching(/^spec.nodeName: Invalid value: ""/),
        expect.stringMatching(/^spec.attacher: Invalid value: "A_"/),
      ],
    ],
    [
      'attaches inline volumes of drivers',
      volumeAttachments,
      {
        source: {
          inlineVolumeSpec: { capacity: { storage: '1' }, hostPath: { path: '/a' }, accessModes: ['ReadWriteOnce'] },
        },
      },
      [
        'spec.source.inlineVolumeSpec.capacity: Forbidden: may not be specified in the context of inline volumes',
        'spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes',
      ],
    ],
    [
      'asks for tokens once an audience, and for long enough',
      csiDrivers,
      { tokenRequests: [{ audience: 'a', expirationSeconds: 599 }, { audience: 'a' }] },
      [
        'spec.tokenRequests[0].expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
        'spec.tokenRequests[1].audience: Duplicate value: "a"',
      ],
    ],
    [
      'knows modes and policies of drivers',
      csiDrivers,
      { volumeLifecycleModes: ['Short'], fsGroupPolicy: 'Some', nodeAllocatableUpdatePeriodSeconds: 9 },
      [
        'spec.fsGroupPolicy: Unsupported value: "Some": supported values: "File", "None", "ReadWriteOnceWithFSType"',
        'spec.volumeLifecycleModes: Unsupported value: "Short": supported values: "Ephemeral", "Persistent"',
        'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds',
      ],
    ],
    [
      'checks drivers of nodes',
      csiNodes,
      {
        drivers: [
          { name: 'a', nodeID: '', topologyKeys: ['k', 'k'], allocatable: { count: -1 } },
          { name: 'a', nodeID: 'x' },
        ],
      },
      [
        'spec.drivers[0].nodeID: Required value',
        'spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
        'spec.drivers[0]: Duplicate value: "k"',
        'spec.drivers[1].name: Duplicate value: "a"',
      ],
    ],
    [
      'has room or none',
      csiStorageCapacities,
      { capacity: '-1' },
      ['capacity: Invalid value: "-1": must be greater than or equal to 0'],
    ],
  ])('%s', (_title, definition, change, errors) => {
    expect(texts(definition.validate!(changed(definition, change)))).toEqual(errors);
  });

  it.each<Row>([
    [
      'keeps what a class is',
      storageClasses,
      { provisioner: 'b', parameters: { a: 'b' }, reclaimPolicy: 'Retain', volumeBindingMode: 'WaitForFirstConsumer' },
      [
        'parameters: Forbidden: updates to parameters are forbidden.',
        'provisioner: Forbidden: updates to provisioner are forbidden.',
        'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.',
        'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
      ],
    ],
    ['lets a class expand', storageClasses, { allowVolumeExpansion: true }, []],
    [
      'keeps the driver of attributes',
      volumeAttributesClasses,
      { driverName: 'b' },
      ['driverName: Forbidden: updates to driverName are forbidden.'],
    ],
    [
      'keeps what is attached',
      volumeAttachments,
      { nodeName: 'other' },
      [expect.stringMatching(/^spec: Invalid value: \{.*"nodeName":"other".*\}: field is immutable$/)],
    ],
    [
      'keeps how volumes are attached',
      csiDrivers,
      { attachRequired: false, requiresRepublish: true },
      ['spec.attachedRequired: Invalid value: false: field is immutable'],
    ],
    [
      'lets the count of volumes change, and drivers come',
      csiNodes,
      {
        drivers: [
          { name: 'csi.example.com', nodeID: 'sample', topologyKeys: ['example.com/zone'], allocatable: { count: 9 } },
          { name: 'b', nodeID: 'b' },
        ],
      },
      [],
    ],
    [
      'keeps what a driver calls a node',
      csiNodes,
      { drivers: [{ name: 'csi.example.com', nodeID: 'other', topologyKeys: ['example.com/zone'] }] },
      [expect.stringMatching(/^spec.drivers: Invalid value: \{"name":"csi.example.com".*: field is immutable$/)],
    ],
    [
      'keeps where there is room',
      csiStorageCapacities,
      { storageClassName: 'b', capacity: '1' },
      ['storageClassName: Invalid value: "b": field is immutable'],
    ],
  ])('%s', (_title, definition, change, errors) => {
    expect(texts(definition.validateUpdate!(changed(definition, change), changed(definition, {})))).toEqual(errors);
  });

  it('marks the default class', () => {
    const object = changed(storageClasses, {});
    object.metadata.annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    expect(storageClasses.columns!.slice(0, -1).map((column) => column.value(object, 0))).toEqual([
      'sample (default)',
      'example.com/sample',
      'Delete',
      'Immediate',
      false,
    ]);
  });
});
