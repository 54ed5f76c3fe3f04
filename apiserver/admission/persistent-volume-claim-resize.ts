/** Claims grow only where their class allows it. Upstream: `admission/storage/persistentvolume/resize`. */
import type { PersistentVolumeClaim } from '../../api/core/v1/persistentvolumeclaim';
import { storageClassOf } from '../../api/core/v1/storage-facts';
import { Quantity } from '../../api/meta/quantity';
import { storageClasses } from '../../api/storage/v1/storageclass';
import type { Loopback } from '../registry/loopback';
import type { AdmissionPlugin } from './admission';
import { lookUpOf } from '../registry/look-up';
import { only, refuse } from './refusal';

const sizeOf = ({ spec }: PersistentVolumeClaim): Quantity =>
  Quantity.tryParse(spec?.resources?.requests?.['storage']) ?? Quantity.zero;

export function persistentVolumeClaimResize(loopback: Loopback): AdmissionPlugin {
  const findClass = lookUpOf(loopback, storageClasses);
  return {
    name: 'PersistentVolumeClaimResize',
    operations: ['UPDATE'],
    concerns: only('', 'persistentvolumeclaims'),
    async validate(attributes) {
      const claim = attributes.object as PersistentVolumeClaim;
      const old = attributes.oldObject as PersistentVolumeClaim;
      if (sizeOf(claim).cmp(sizeOf(old)) <= 0) return;
      if (old.status?.phase !== 'Bound') {
        throw refuse(attributes, 'Only bound persistent volume claims can be expanded');
      }
      const name = storageClassOf(claim);
      const storageClass = name && name === storageClassOf(old) ? await findClass('', name) : undefined;
      if (storageClass?.allowVolumeExpansion) return;
      throw refuse(
        attributes,
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      );
    },
  };
}
