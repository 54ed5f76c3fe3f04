/** Warnings about volumes and claims. Upstream: `pkg/api/persistentvolume/util.go`, `pkg/api/persistentvolumeclaim/util.go`. */
import { at } from '../../meta/field-checks';
import type { FieldPath } from '../../meta/field-error';
import { Quantity } from '../../meta/quantity';
import type { KubeObject } from '../../meta/types';
import { nodeTermWarnings } from './node-label-warnings';
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

/** Under the names that upstream's warnings have for them. */
const goneSources = [
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
] as const;

export function volumeWarnings(volume: PersistentVolume): string[] {
  const { spec } = volume;
  const warnings = betaClassWarning(volume);
  if (spec?.persistentVolumeReclaimPolicy === 'Recycle') {
    const advice = 'Instead, the recommended approach is to use dynamic provisioning.';
    warnings.push(`spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. ${advice}`);
  }
  const terms = at('spec', 'nodeAffinity', 'required', 'nodeSelectorTerms');
  for (const [index, term] of (spec?.nodeAffinity?.required?.nodeSelectorTerms ?? []).entries()) {
    warnings.push(...nodeTermWarnings(term, terms.index(index)));
  }
  for (const [source, name, text] of goneSources) if (spec?.[source]) warnings.push(`spec.${name}: ${text}`);
  return warnings;
}
