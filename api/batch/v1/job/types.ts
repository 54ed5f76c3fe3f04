/** The shapes of a Job. */
import type {
  V1Job,
  V1JobCondition,
  V1JobSpec,
  V1JobStatus,
  V1PodFailurePolicy,
  V1PodFailurePolicyOnExitCodesRequirement,
  V1PodFailurePolicyOnPodConditionsPattern,
  V1PodFailurePolicyRule,
  V1SuccessPolicyRule,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import type { Wire } from '../../../meta/types';

export interface Job extends Wire<V1Job> {}
export interface JobSpec extends Wire<V1JobSpec> {}
export interface JobStatus extends Wire<V1JobStatus> {}
export interface JobCondition extends Wire<V1JobCondition> {}
export interface PodFailurePolicy extends Wire<V1PodFailurePolicy> {}
export interface PodFailurePolicyRule extends Wire<V1PodFailurePolicyRule> {}
export interface ExitCodesRequirement extends Wire<V1PodFailurePolicyOnExitCodesRequirement> {}
export interface PodConditionPattern extends Wire<V1PodFailurePolicyOnPodConditionsPattern> {}
export interface SuccessPolicyRule extends Wire<V1SuccessPolicyRule> {}

export type JobConditionType = 'Complete' | 'Failed' | 'Suspended' | 'FailureTarget' | 'SuccessCriteriaMet';
