/** PersistentVolume: a piece of storage in the cluster. */
import { ageColumn, nameColumn, textColumn, wide } from '../../../meta/columns';
import { defineResource } from '../../../meta/resource-definition';
import { canonicalizeResourceList } from '../resource-list';
import { formatAccessModes, formatPhase, storageClassOf } from '../storage-facts';
import { volumeWarnings } from '../storage-warnings';
import type { PersistentVolume } from './types';
import { validateVolume, validateVolumeUpdate } from './validation';

export type * from './types';

function defaults(volume: PersistentVolume): void {
  (volume.status ??= {}).phase ||= 'Pending';
  const { spec } = volume;
  if (!spec) return;
  canonicalizeResourceList(spec.capacity);
  spec.persistentVolumeReclaimPolicy ||= 'Retain';
  spec.volumeMode ??= 'Filesystem';
  const { hostPath, iscsi, rbd, azureDisk, scaleIO } = spec;
  if (hostPath) hostPath.type ??= '';
  if (iscsi) iscsi.iscsiInterface ||= 'default';
  if (rbd) {
    rbd.pool ||= 'rbd';
    rbd.user ||= 'admin';
    rbd.keyring ||= '/etc/ceph/keyring';
  }
  if (azureDisk) {
    azureDisk.cachingMode ??= 'ReadWrite';
    azureDisk.kind ??= 'Shared';
    azureDisk.fsType ??= 'ext4';
    azureDisk.readOnly ??= false;
  }
  if (scaleIO) {
    scaleIO.storageMode ||= 'ThinProvisioned';
    scaleIO.fsType ||= 'xfs';
  }
}

export const persistentVolumes = defineResource<PersistentVolume>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  names: { plural: 'persistentvolumes', singular: 'persistentvolume', shortNames: ['pv'] },
  scope: 'Cluster',
  returnDeletedObject: true,
  generation: false,
  defaults,
  prepareForCreate(volume) {
    volume.status = { phase: 'Pending' };
  },
  validate: validateVolume,
  validateUpdate: validateVolumeUpdate,
  warnings: volumeWarnings,
  columns: [
    nameColumn,
    textColumn(
      'Capacity',
      "capacity is the description of the persistent volume's resources and capacity. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#capacity",
      ({ spec }) => spec?.capacity?.['storage'] ?? '0',
    ),
    textColumn(
      'Access Modes',
      'accessModes contains all ways the volume can be mounted. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes',
      ({ spec }) => formatAccessModes(spec?.accessModes),
    ),
    textColumn(
      'Reclaim Policy',
      'persistentVolumeReclaimPolicy defines what happens to a persistent volume when released from its claim.',
      ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? '',
    ),
    textColumn(
      'Status',
      'phase indicates if a volume is available, bound to a claim, or released by a claim. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#phase',
      formatPhase,
    ),
    textColumn(
      'Claim',
      'claimRef is part of a bi-directional binding between PersistentVolume and PersistentVolumeClaim.',
      ({ spec }) => (spec?.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : ''),
    ),
    textColumn('StorageClass', 'StorageClass of the pv', storageClassOf),
    textColumn(
      'VolumeAttributesClass',
      'VolumeAttributesClass of the pv',
      ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>',
    ),
    textColumn(
      'Reason',
      'reason is a brief CamelCase string that describes any failure and is meant for machine parsing and tidy display in the CLI.',
      ({ status }) => status?.reason ?? '',
    ),
    ageColumn,
    wide(
      textColumn(
        'VolumeMode',
        'volumeMode defines if a volume is intended to be used with a formatted filesystem or to remain in raw block state. Value of Filesystem is implied when not included in spec.',
        ({ spec }) => spec?.volumeMode ?? '<unset>',
      ),
    ),
  ],
  // The time of the last change of phase is the API server's to set.
  subresources: { status: {} },
});
