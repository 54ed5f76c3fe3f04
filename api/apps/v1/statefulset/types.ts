/** The shapes of a StatefulSet. */
import type {
  V1RollingUpdateStatefulSetStrategy,
  V1StatefulSet,
  V1StatefulSetCondition,
  V1StatefulSetPersistentVolumeClaimRetentionPolicy,
  V1StatefulSetSpec,
  V1StatefulSetStatus,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import type { Wire } from '../../../meta/types';

export interface StatefulSet extends Wire<V1StatefulSet> {}
export interface StatefulSetSpec extends Wire<V1StatefulSetSpec> {}
export interface StatefulSetStatus extends Wire<V1StatefulSetStatus> {}
export interface StatefulSetCondition extends Wire<V1StatefulSetCondition> {}
export interface RollingUpdateStatefulSetStrategy extends Wire<V1RollingUpdateStatefulSetStrategy> {}
export interface ClaimRetentionPolicy extends Wire<V1StatefulSetPersistentVolumeClaimRetentionPolicy> {}
