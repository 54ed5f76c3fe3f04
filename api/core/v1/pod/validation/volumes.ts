/** Volumes and their sources. */
import { invalidEach, nonNegative, oneOf, requiredAnd } from '../../../../meta/field-checks';
import {
  duplicate,
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../../meta/field-error';
import { isDns1123Label, nameIsDnsSubdomain } from '../../../../meta/names';
import { Quantity } from '../../../../meta/quantity';
import { validateAnnotations, validateLabels } from '../../../../meta/object-meta';
import type { ObjectMeta } from '../../../../meta/types';
import { validateDriverName } from '../../storage-facts';
import { validateClaimSpec } from '../../persistentvolumeclaim/validation';
import type { Volume } from '../types';
import { fileMode, withoutBacksteps } from './local-path';
import { validateDownwardItems, validateItems, validateProjected } from './projected';

/** Every source a volume can have, in upstream's order of checking. */
const sourceNames = [
  ...['emptyDir', 'hostPath', 'gitRepo', 'gcePersistentDisk', 'awsElasticBlockStore', 'secret', 'nfs', 'iscsi'],
  ...['glusterfs', 'flocker', 'persistentVolumeClaim', 'rbd', 'cinder', 'cephfs', 'quobyte', 'downwardAPI', 'fc'],
  ...['flexVolume', 'configMap', 'azureFile', 'vsphereVolume', 'photonPersistentDisk', 'portworxVolume', 'azureDisk'],
  ...['storageos', 'projected', 'scaleIO', 'csi', 'ephemeral', 'image'],
] as const;

type SourceName = (typeof sourceNames)[number];
type Validators = { [S in SourceName]?: (source: NonNullable<Volume[S]>, path: FieldPath) => FieldError[] };

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

const requireField = (path: FieldPath, value: string | undefined): FieldError[] => (value ? [] : [required(path)]);

export const validateHostPath: NonNullable<Validators['hostPath']> = ({ path: hostPath, type }, path) => [
  ...(hostPath ? withoutBacksteps(path.child('path'), hostPath) : [required(path.child('path'))]),
  ...(type === undefined || hostPathTypes.includes(type)
    ? []
    : [notSupported(path.child('type'), type, hostPathTypes)]),
];

export const validateNfs: NonNullable<Validators['nfs']> = (source, path) => [
  ...requireField(path.child('server'), source.server),
  ...requireField(path.child('path'), source.path),
  ...(source.path?.startsWith('/') ? [] : [invalid(path.child('path'), source.path ?? '', 'must be an absolute path')]),
];

/** Sources that are accepted and not listed here belong to cloud providers; nothing but their presence is checked. */
const validators: Validators = {
  emptyDir: ({ sizeLimit }, path) =>
    sizeLimit !== undefined && (Quantity.tryParse(sizeLimit)?.isNegative() ?? true)
      ? [forbidden(path.child('sizeLimit'), 'SizeLimit field must be a valid resource quantity')]
      : [],
  hostPath: validateHostPath,
  gitRepo: (source, path) => requireField(path.child('repository'), source.repository),
  secret: (source, path) => [
    ...requireField(path.child('secretName'), source.secretName),
    ...fileMode(path.child('defaultMode'), source.defaultMode),
    ...validateItems(source.items, path.child('items')),
  ],
  configMap: (source, path) => [
    ...requireField(path.child('name'), source.name),
    ...fileMode(path.child('defaultMode'), source.defaultMode),
    ...validateItems(source.items, path.child('items')),
  ],
  nfs: validateNfs,
  persistentVolumeClaim: (source, path) => requireField(path.child('claimName'), source.claimName),
  downwardAPI: (source, path) => [
    ...fileMode(path.child('defaultMode'), source.defaultMode),
    ...validateDownwardItems(source.items, path),
  ],
  projected: validateProjected,
  csi: ({ driver, nodePublishSecretRef }, path) => [
    ...validateDriverName(driver, path.child('driver')),
    ...(nodePublishSecretRef
      ? requireField(path.child('nodePublishSecretRef', 'name'), nodePublishSecretRef.name)
      : []),
  ],
  ephemeral: ({ volumeClaimTemplate: template }, path) => {
    const at = path.child('volumeClaimTemplate');
    if (!template) return [required(at)];
    const allowed = ['labels', 'annotations'];
    const given = Object.entries(template.metadata ?? {}).filter(([, value]) => value !== undefined && value !== null);
    const others = given.map(([field]) => field).filter((field) => !allowed.includes(field));
    return [
      ...validateAnnotations(template.metadata?.annotations, at.child('metadata', 'annotations')),
      ...validateLabels(template.metadata?.labels, at.child('metadata', 'labels')),
      ...others.map((field) => forbidden(at.child('metadata', field), 'cannot be set')),
      ...validateClaimSpec(template.spec, at.child('spec')),
    ];
  },
  image: (source, path) => [
    ...requireField(path.child('reference'), source.reference),
    ...oneOf(path.child('pullPolicy'), source.pullPolicy, ['Always', 'IfNotPresent', 'Never']),
  ],
  iscsi: (source, path) => nonNegative(path.child('lun'), source.lun),
};

function validateSource(volume: Volume, meta: ObjectMeta | undefined, path: FieldPath): FieldError[] {
  const given = sourceNames.filter((name) => volume[name] !== undefined && volume[name] !== null);
  if (given.length === 0) return [required(path, 'must specify a volume type')];
  const errors = given.flatMap((name, index) => {
    if (index > 0) return [forbidden(path.child(name), 'may not specify more than 1 volume type')];
    const validate = validators[name] as ((source: unknown, at: FieldPath) => FieldError[]) | undefined;
    return validate?.(volume[name], path.child(name)) ?? [];
  });
  if (given[0] === 'ephemeral' && meta?.name && volume.name) {
    const claim = `${meta.name}-${volume.name}`;
    for (const message of nameIsDnsSubdomain(claim, false)) {
      errors.push(invalid(path.child('name'), volume.name, `PVC name "${claim}": ${message}`));
    }
  }
  return errors;
}

/** Also gives the volumes that containers may mount: those without errors, by name. `meta` is that of a real pod. */
export function validateVolumes(
  volumes: Volume[] | undefined,
  meta: ObjectMeta | undefined,
  path: FieldPath,
): { errors: FieldError[]; valid: Map<string, Volume> } {
  const errors: FieldError[] = [];
  const valid = new Map<string, Volume>();
  const ownClaims = (volumes ?? []).filter(({ ephemeral }) => ephemeral).map(({ name }) => `${meta?.name}-${name}`);
  for (const [index, volume] of (volumes ?? []).entries()) {
    const at = path.index(index);
    const own = [
      ...validateSource(volume, meta, at),
      ...requiredAnd(at.child('name'), volume.name, isDns1123Label),
      ...(valid.has(volume.name) ? [duplicate(at.child('name'), volume.name)] : []),
    ];
    if (own.length) errors.push(...own);
    else valid.set(volume.name, volume);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (meta?.name && claim && ownClaims.includes(claim)) {
      const message = 'must not reference a PVC that gets created for an ephemeral volume';
      errors.push(...invalidEach(at.child('persistentVolumeClaim', 'claimName'), claim, [message]));
    }
  }
  return { errors, valid };
}
