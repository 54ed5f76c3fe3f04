/** The shapes of admission registration: webhooks, policies and their bindings. */
import type {
  AdmissionregistrationV1WebhookClientConfig,
  V1ApplyConfiguration,
  V1AuditAnnotation,
  V1JSONPatch,
  V1MatchCondition,
  V1MatchResources,
  V1MutatingAdmissionPolicy,
  V1MutatingAdmissionPolicyBinding,
  V1MutatingWebhook,
  V1MutatingWebhookConfiguration,
  V1Mutation,
  V1NamedRuleWithOperations,
  V1ParamKind,
  V1ParamRef,
  V1RuleWithOperations,
  V1ValidatingAdmissionPolicy,
  V1ValidatingAdmissionPolicyBinding,
  V1ValidatingAdmissionPolicyStatus,
  V1ValidatingWebhook,
  V1ValidatingWebhookConfiguration,
  V1Validation,
  V1Variable,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import type { Wire } from '../../meta/types';

export interface MutatingWebhookConfiguration extends Wire<V1MutatingWebhookConfiguration> {}
export interface MutatingWebhook extends Wire<V1MutatingWebhook> {}
export interface ValidatingWebhookConfiguration extends Wire<V1ValidatingWebhookConfiguration> {}
export interface ValidatingWebhook extends Wire<V1ValidatingWebhook> {}
export interface WebhookClientConfig extends Wire<AdmissionregistrationV1WebhookClientConfig> {}
export interface RuleWithOperations extends Wire<V1RuleWithOperations> {}
export interface NamedRuleWithOperations extends Wire<V1NamedRuleWithOperations> {}
export interface MatchCondition extends Wire<V1MatchCondition> {}
export interface MatchResources extends Wire<V1MatchResources> {}
export interface ParamKind extends Wire<V1ParamKind> {}
export interface ParamRef extends Wire<V1ParamRef> {}
export interface Variable extends Wire<V1Variable> {}
export interface Validation extends Wire<V1Validation> {}
export interface AuditAnnotation extends Wire<V1AuditAnnotation> {}
export interface Mutation extends Wire<V1Mutation> {}
export interface ApplyConfiguration extends Wire<V1ApplyConfiguration> {}
export interface JsonPatch extends Wire<V1JSONPatch> {}
export interface ValidatingAdmissionPolicy extends Wire<V1ValidatingAdmissionPolicy> {}
export interface ValidatingAdmissionPolicyStatus extends Wire<V1ValidatingAdmissionPolicyStatus> {}
export interface ValidatingAdmissionPolicyBinding extends Wire<V1ValidatingAdmissionPolicyBinding> {}
export interface MutatingAdmissionPolicy extends Wire<V1MutatingAdmissionPolicy> {}
export interface MutatingAdmissionPolicyBinding extends Wire<V1MutatingAdmissionPolicyBinding> {}
