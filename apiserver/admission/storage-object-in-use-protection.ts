/**
 * Volumes and claims stay while they are used: a finalizer, which the protection controllers take off when nothing uses them.
 * Upstream: `admission/storage/storageobjectinuseprotection`.
 */
import { persistentVolumes } from '../../api/core/v1/persistentvolume';
import { persistentVolumeClaims } from '../../api/core/v1/persistentvolumeclaim';
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import type { KubeObject } from '../../api/meta/types';
import type { AdmissionPlugin } from './admission';

const finalizers: ReadonlyMap<ResourceDefinition, string> = new Map<ResourceDefinition, string>([
  [persistentVolumes, 'kubernetes.io/pv-protection'],
  [persistentVolumeClaims, 'kubernetes.io/pvc-protection'],
]);

export const storageObjectInUseProtection = (): AdmissionPlugin => ({
  name: 'StorageObjectInUseProtection',
  operations: ['CREATE'],
  concerns: (definition, subresource) => !subresource && finalizers.has(definition),
  admit({ definition, object }) {
    const finalizer = finalizers.get(definition)!;
    const metadata = ((object as KubeObject).metadata ??= {});
    if (!metadata.finalizers?.includes(finalizer)) metadata.finalizers = [...(metadata.finalizers ?? []), finalizer];
  },
});
