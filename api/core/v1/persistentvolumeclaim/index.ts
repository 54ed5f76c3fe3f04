/** PersistentVolumeClaim: a request for storage. */
import { ageColumn, nameColumn, textColumn, wide } from '../../../meta/columns';
import { defineResource } from '../../../meta/resource-definition';
import { formatAccessModes, formatPhase, storageClassOf } from '../storage-facts';
import { claimWarnings } from '../storage-warnings';
import { normalizeDataSources } from './data-sources';
import { setClaimDefaults } from './defaults';
import type { PersistentVolumeClaim } from './types';
import { validateClaimUpdate } from './update-validation';
import { validateClaim, validateClaimStatusUpdate } from './validation';

export type * from './types';

export const persistentVolumeClaims = defineResource<PersistentVolumeClaim>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  names: { plural: 'persistentvolumeclaims', singular: 'persistentvolumeclaim', shortNames: ['pvc'] },
  scope: 'Namespaced',
  returnDeletedObject: true,
  generation: false,
  defaults: setClaimDefaults,
  prepareForCreate(claim) {
    claim.status = { phase: 'Pending' };
    if (claim.spec) normalizeDataSources(claim.spec, undefined);
  },
  prepareForUpdate(claim, old) {
    if (claim.spec) normalizeDataSources(claim.spec, old.spec);
  },
  validate: validateClaim,
  validateUpdate: validateClaimUpdate,
  warnings: claimWarnings,
  columns: [
    nameColumn,
    textColumn('Status', 'phase represents the current phase of PersistentVolumeClaim.', formatPhase),
    textColumn(
      'Volume',
      'volumeName is the binding reference to the PersistentVolume backing this claim.',
      ({ spec }) => spec?.volumeName ?? '',
    ),
    textColumn('Capacity', 'capacity represents the actual resources of the underlying volume.', ({ spec, status }) =>
      spec?.volumeName ? (status?.capacity?.['storage'] ?? '0') : '',
    ),
    textColumn(
      'Access Modes',
      'accessModes contains the actual access modes the volume backing the PVC has. More info: https://kubernetes.io/docs/concepts/storage/persistent-volumes#access-modes-1',
      ({ spec, status }) => (spec?.volumeName ? formatAccessModes(status?.accessModes) : ''),
    ),
    textColumn('StorageClass', 'StorageClass of the pvc', storageClassOf),
    textColumn(
      'VolumeAttributesClass',
      'VolumeAttributesClass of the pvc',
      ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>',
    ),
    ageColumn,
    wide(
      textColumn(
        'VolumeMode',
        'volumeMode defines what type of volume is required by the claim. Value of Filesystem is implied when not included in claim spec.',
        ({ spec }) => spec?.volumeMode ?? '<unset>',
      ),
    ),
  ],
  subresources: { status: { validateUpdate: validateClaimStatusUpdate } },
});
