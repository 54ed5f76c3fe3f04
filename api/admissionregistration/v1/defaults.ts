/** Defaults that webhooks and policies share. Upstream: `pkg/apis/admissionregistration/v1/defaults.go`. */
import type {
  MatchResources,
  MutatingAdmissionPolicy,
  MutatingWebhook,
  RuleWithOperations,
  ValidatingAdmissionPolicy,
  ValidatingWebhook,
} from './types';

const setRuleDefaults = (rules: RuleWithOperations[] | undefined): void =>
  rules?.forEach((rule) => (rule.scope ??= '*'));

export function setWebhookDefaults(webhook: MutatingWebhook | ValidatingWebhook): void {
  webhook.failurePolicy ??= 'Fail';
  webhook.matchPolicy ??= 'Equivalent';
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= 10;
  if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443;
  setRuleDefaults(webhook.rules);
}

export function setMatchDefaults(match: MatchResources | undefined): void {
  if (!match) return;
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  setRuleDefaults(match.resourceRules);
  setRuleDefaults(match.excludeResourceRules);
}

export function setPolicyDefaults(spec: MutatingAdmissionPolicy['spec'] | ValidatingAdmissionPolicy['spec']): void {
  if (!spec) return;
  spec.failurePolicy ??= 'Fail';
  setMatchDefaults(spec.matchConstraints);
}
