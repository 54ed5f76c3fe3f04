/** The shapes of a PersistentVolume. */
import type {
  V1PersistentVolume,
  V1PersistentVolumeSpec,
  V1PersistentVolumeStatus,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import type { Wire } from '../../../meta/types';

export interface PersistentVolume extends Wire<V1PersistentVolume> {}
export interface PersistentVolumeSpec extends Wire<V1PersistentVolumeSpec> {}
export interface PersistentVolumeStatus extends Wire<V1PersistentVolumeStatus> {}
