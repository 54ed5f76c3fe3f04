/** Defaults of claims, and of the claim templates of StatefulSets and pods. Upstream: SetDefaults_PersistentVolumeClaim. */
import { canonicalizeResourceList } from '../resource-list';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from './types';

export function setClaimSpecDefaults(spec: PersistentVolumeClaimSpec | undefined): void {
  if (!spec) return;
  spec.volumeMode ??= 'Filesystem';
  canonicalizeResourceList(spec.resources?.requests);
  canonicalizeResourceList(spec.resources?.limits);
}

export function setClaimDefaults(claim: PersistentVolumeClaim): void {
  setClaimSpecDefaults(claim.spec);
  const status = (claim.status ??= {});
  status.phase ||= 'Pending';
  canonicalizeResourceList(status.capacity);
  canonicalizeResourceList(status.allocatedResources);
}
