/** The shapes of a PersistentVolumeClaim. */
import type {
  V1PersistentVolumeClaim,
  V1PersistentVolumeClaimCondition,
  V1PersistentVolumeClaimSpec,
  V1PersistentVolumeClaimStatus,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import type { Wire } from '../../../meta/types';

export interface PersistentVolumeClaim extends Wire<V1PersistentVolumeClaim> {}
export interface PersistentVolumeClaimSpec extends Wire<V1PersistentVolumeClaimSpec> {}
export interface PersistentVolumeClaimStatus extends Wire<V1PersistentVolumeClaimStatus> {}
export interface PersistentVolumeClaimCondition extends Wire<V1PersistentVolumeClaimCondition> {}
