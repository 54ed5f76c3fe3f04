/** Warnings about volumes and claims. Upstream: `pkg/api/persistentvolume/util.go`, `pkg/api/persistentvolumeclaim/util.go`. */
import { at } from '../../meta/field-checks';
import type { FieldPath } from '../../meta/field-error';
import { Quantity } from '../../meta/quantity';
import type { KubeObject } from '../../meta/types';
import type { PersistentVolume } from './persistentvolume/types';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from './persistentvolumeclaim/types';
import { betaStorageClassAnnotation } from './storage-facts';

const annotations = at('metadata', 'annotations');

const betaClassWarning = ({ metadata }: KubeObject): string[] =>
  metadata?.annotations && Object.hasOwn(metadata.annotations, betaStorageClassAnnotation)
    ? [
        `${annotations.key(betaStorageClassAnnotation)}: deprecated since v1.8; use "storageClassName" attribute instead`,
      ]
    : [];

/** Bytes come whole. */
export function claimSpecWarnings(spec: PersistentVolumeClaimSpec | undefined, path: FieldPath): string[] {
  const { requests, limits } = spec?.resources ?? {};
  return Object.entries({ requests, limits }).flatMap(([list, quantities]) => {
    const storage = Quantity.tryParse(quantities?.['storage']);
    if (!storage || storage.milliValue() % 1000 === 0) return [];
    const where = path.child('resources', list).key('storage');
    return [`${where}: fractional byte value "${storage.toString()}" is invalid, must be an integer`];
  });
}

export const claimWarnings = (claim: PersistentVolumeClaim): string[] => [
  ...betaClassWarning(claim),
  ...claimSpecWarnings(claim.spec, at('spec')),
];

const goneSources = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
} as const;

const mountOptionsAnnotation = 'volume.beta.kubernetes.io/mount-options';

export function volumeWarnings(volume: PersistentVolume): string[] {
  const warnings = betaClassWarning(volume);
  if (volume.metadata?.annotations?.[mountOptionsAnnotation] !== undefined) {
    const path = annotations.key(mountOptionsAnnotation);
    warnings.push(`${path}: deprecated since v1.31; use "mountOptions" attribute instead`);
  }
  const { spec } = volume;
  if (spec?.persistentVolumeReclaimPolicy === 'Recycle') {
    const advice = 'Instead, the recommended approach is to use dynamic provisioning.';
    warnings.push(`spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. ${advice}`);
  }
  for (const [source, text] of Object.entries(goneSources)) {
    if (spec?.[source as keyof typeof goneSources]) warnings.push(`spec.${source}: ${text}`);
  }
  return warnings;
}
