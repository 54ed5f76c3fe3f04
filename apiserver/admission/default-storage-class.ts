/** Claims that name no class get the default one. Upstream: `admission/storage/storageclass/setdefault`. */
import { type PersistentVolumeClaim } from '../../api/core/v1/persistentvolumeclaim';
import { betaStorageClassAnnotation } from '../../api/core/v1/storage-facts';
import { isDefaultStorageClass, storageClasses } from '../../api/storage/v1/storageclass';
import type { Loopback } from '../registry/loopback';
import type { AdmissionPlugin } from './admission';
import { newestOf } from './newest';
import { only } from './refusal';

export function defaultStorageClass(loopback: Loopback): AdmissionPlugin {
  const view = loopback.view(storageClasses);
  return {
    name: 'DefaultStorageClass',
    operations: ['CREATE'],
    concerns: only('', 'persistentvolumeclaims'),
    admit({ object }) {
      const { metadata, spec } = object as PersistentVolumeClaim;
      // An empty name is a choice too: no class.
      const chosen = spec?.storageClassName ?? metadata?.annotations?.[betaStorageClassAnnotation];
      if (!spec || chosen !== undefined) return;
      const name = newestOf(view.list().filter(isDefaultStorageClass))?.metadata.name;
      if (name) spec.storageClassName = name;
    },
  };
}
