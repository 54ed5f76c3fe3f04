/** The shapes of a ResourceQuota. */
import type {
  V1ResourceQuota,
  V1ResourceQuotaSpec,
  V1ResourceQuotaStatus,
  V1ScopedResourceSelectorRequirement,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import type { Wire } from '../../../meta/types';

export interface ResourceQuota extends Wire<V1ResourceQuota> {}
export interface ResourceQuotaSpec extends Wire<V1ResourceQuotaSpec> {}
export interface ResourceQuotaStatus extends Wire<V1ResourceQuotaStatus> {}
export interface ScopedResourceSelectorRequirement extends Wire<V1ScopedResourceSelectorRequirement> {}
