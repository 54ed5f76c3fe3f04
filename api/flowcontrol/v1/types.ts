/** The shapes of API priority and fairness. */
import type {
  FlowcontrolV1Subject,
  V1ExemptPriorityLevelConfiguration,
  V1FlowSchema,
  V1FlowSchemaCondition,
  V1FlowSchemaSpec,
  V1LimitedPriorityLevelConfiguration,
  V1LimitResponse,
  V1NonResourcePolicyRule,
  V1PolicyRulesWithSubjects,
  V1PriorityLevelConfiguration,
  V1PriorityLevelConfigurationCondition,
  V1PriorityLevelConfigurationSpec,
  V1QueuingConfiguration,
  V1ResourcePolicyRule,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import type { Wire } from '../../meta/types';

export interface FlowSchema extends Wire<V1FlowSchema> {}
export interface FlowSchemaSpec extends Wire<V1FlowSchemaSpec> {}
export interface FlowSchemaCondition extends Wire<V1FlowSchemaCondition> {}
export interface PolicyRulesWithSubjects extends Wire<V1PolicyRulesWithSubjects> {}
export interface Subject extends Wire<FlowcontrolV1Subject> {}
export interface ResourcePolicyRule extends Wire<V1ResourcePolicyRule> {}
export interface NonResourcePolicyRule extends Wire<V1NonResourcePolicyRule> {}
export interface PriorityLevelConfiguration extends Wire<V1PriorityLevelConfiguration> {}
export interface PriorityLevelConfigurationSpec extends Wire<V1PriorityLevelConfigurationSpec> {}
export interface PriorityLevelConfigurationCondition extends Wire<V1PriorityLevelConfigurationCondition> {}
export interface LimitedPriorityLevelConfiguration extends Wire<V1LimitedPriorityLevelConfiguration> {}
export interface ExemptPriorityLevelConfiguration extends Wire<V1ExemptPriorityLevelConfiguration> {}
export interface LimitResponse extends Wire<V1LimitResponse> {}
export interface QueuingConfiguration extends Wire<V1QueuingConfiguration> {}
