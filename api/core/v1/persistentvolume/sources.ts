/** Where a volume's bytes are: exactly one source, with what that source needs. Upstream: ValidatePersistentVolumeSpec. */
import { invalidEach } from '../../../meta/field-checks';
import { type FieldError, type FieldPath, forbidden, invalid, required } from '../../../meta/field-error';
import { inclusiveRangeError, isDns1123Label, isDns1123Subdomain } from '../../../meta/names';
import { withoutBacksteps } from '../pod/validation/local-path';
import { validateHostPath, validateNfs } from '../pod/validation/volumes';
import { validateDriverName } from '../storage-facts';
import type { PersistentVolumeSpec } from './types';

/** Every source a volume can have, in upstream's order of checking, with the fields that each requires. */
const requiredFields = {
  hostPath: [],
  gcePersistentDisk: ['pdName'],
  awsElasticBlockStore: ['volumeID'],
  glusterfs: ['endpoints', 'path'],
  flocker: [],
  nfs: [],
  rbd: ['monitors', 'image'],
  quobyte: ['registry', 'volume'],
  cephfs: ['monitors'],
  iscsi: ['targetPortal', 'iqn'],
  cinder: ['volumeID'],
  fc: [],
  flexVolume: ['driver'],
  azureFile: ['secretName', 'shareName'],
  vsphereVolume: ['volumePath'],
  photonPersistentDisk: ['pdID'],
  portworxVolume: ['volumeID'],
  azureDisk: ['diskName', 'diskURI'],
  scaleIO: ['gateway', 'system', 'volumeName'],
  local: ['path'],
  storageos: ['volumeName'],
  csi: [],
} as const satisfies { [S in keyof PersistentVolumeSpec]?: readonly string[] };

export type VolumeSourceName = keyof typeof requiredFields;
export const volumeSourceNames = Object.keys(requiredFields) as VolumeSourceName[];

/** Fields that upstream names otherwise than the API does. */
const oddPaths: Partial<Record<VolumeSourceName, string>> = { gcePersistentDisk: 'persistentDisk' };

interface SecretReference {
  name?: string;
  namespace?: string;
}

function validateSecret(reference: SecretReference | undefined, path: FieldPath): FieldError[] {
  if (!reference) return [];
  const { name, namespace } = reference;
  const namespacePath = path.child('namespace');
  return [
    ...(name ? invalidEach(path.child('name'), name, isDns1123Subdomain(name)) : [required(path.child('name'))]),
    ...(namespace ? invalidEach(namespacePath, namespace, isDns1123Label(namespace)) : [required(namespacePath)]),
  ];
}

const between = (value: number | undefined, low: number, high: number, path: FieldPath): FieldError[] =>
  value !== undefined && (value < low || value > high) ? [invalid(path, value, inclusiveRangeError(low, high))] : [];

type Validators = {
  [S in VolumeSourceName]?: (source: NonNullable<PersistentVolumeSpec[S]>, path: FieldPath) => FieldError[];
};

const validators: Validators = {
  hostPath: validateHostPath,
  nfs: validateNfs,
  gcePersistentDisk: (disk, path) => between(disk.partition, 0, 255, path.child('partition')),
  awsElasticBlockStore: (disk, path) => between(disk.partition, 0, 255, path.child('partition')),
  flocker({ datasetName, datasetUUID }, path) {
    if (!datasetName && !datasetUUID) return [required(path, 'one of datasetName and datasetUUID is required')];
    const errors: FieldError[] = [];
    if (datasetName && datasetUUID) {
      errors.push(invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'));
    }
    if (datasetName?.includes('/')) {
      errors.push(invalid(path.child('datasetName'), datasetName, "must not contain '/'"));
    }
    return errors;
  },
  iscsi: (source, path) => between(source.lun, 0, 255, path.child('lun')),
  cinder: ({ secretRef }, path) => validateSecret(secretRef, path.child('secretRef')),
  fc({ targetWWNs = [], wwids = [], lun }, path) {
    const targets = path.child('targetWWNs');
    if (!targetWWNs.length && !wwids.length) {
      return [required(targets, 'must specify either targetWWNs or wwids, but not both')];
    }
    if (targetWWNs.length && wwids.length) {
      return [invalid(targets, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously')];
    }
    if (!targetWWNs.length) return [];
    const lunPath = path.child('lun');
    return lun === undefined
      ? [required(lunPath, 'lun is required if targetWWNs is specified')]
      : between(lun, 0, 255, lunPath);
  },
  local: (source, path) => (source.path ? withoutBacksteps(path.child('path'), source.path) : []),
  csi: (source, path) => [
    ...validateDriverName(source.driver, path.child('driver')),
    ...(source.volumeHandle ? [] : [required(path.child('volumeHandle'))]),
    ...(
      [
        'controllerPublishSecretRef',
        'controllerExpandSecretRef',
        'nodePublishSecretRef',
        'nodeExpandSecretRef',
      ] as const
    ).flatMap((field) => validateSecret(source[field], path.child(field))),
  ],
};

const isEmpty = (value: unknown): boolean => !value || (Array.isArray(value) && value.length === 0);

export function validateVolumeSource(spec: PersistentVolumeSpec, path: FieldPath): FieldError[] {
  const given = volumeSourceNames.filter((name) => spec[name]);
  if (given.length === 0) return [required(path, 'must specify a volume type')];
  return given.flatMap((name, index) => {
    if (index > 0) return [forbidden(path.child(name), 'may not specify more than 1 volume type')];
    const at = path.child(oddPaths[name] ?? name);
    const source = spec[name] as unknown as Record<string, unknown>;
    const missing = requiredFields[name].filter((field) => isEmpty(source[field]));
    const validate = validators[name] as ((source: unknown, at: FieldPath) => FieldError[]) | undefined;
    const errors = [...missing.map((field) => required(at.child(field))), ...(validate?.(source, at) ?? [])];
    return name === 'local' && !spec.nodeAffinity
      ? [...errors, required(path.child('nodeAffinity'), 'Local volume requires node affinity')]
      : errors;
  });
}
