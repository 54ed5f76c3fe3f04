/** Checks of webhook configurations. Upstream: `pkg/apis/admissionregistration/validation`. */
import { at, optionalOneOf } from '../../meta/field-checks';
import { duplicate, type FieldError, type FieldPath, invalid, notSupported, required } from '../../meta/field-error';
import { isDns1123Subdomain } from '../../meta/names';
import { validateLabelSelector } from '../../meta/object-meta';
import { reviewVersions, validateReviewVersions, validateWebhookClient } from '../../meta/webhook-client-config';
import { failurePolicies, matchPolicies, reinvocationPolicies, validateMatchConditions } from './match-validation';
import { validateRule } from './rule-validation';
import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from './types';

const sideEffectClasses = ['None', 'NoneOnDryRun'];

function validateName(name: string, path: FieldPath): FieldError[] {
  if (!name) return [required(path)];
  const messages = isDns1123Subdomain(name);
  if (messages.length) return [invalid(path, name, messages.join(','))];
  if (name.split('.').length >= 3) return [];
  return [invalid(path, name, 'should be a domain with at least three segments separated by dots')];
}

function validateSideEffects(sideEffects: string | undefined, path: FieldPath): FieldError[] {
  if (sideEffects === undefined) return [required(path, `must specify one of ${sideEffectClasses.join(', ')}`)];
  return sideEffectClasses.includes(sideEffects) ? [] : [notSupported(path, sideEffects, sideEffectClasses)];
}

function validateWebhook(webhook: MutatingWebhook | ValidatingWebhook, path: FieldPath): FieldError[] {
  const { timeoutSeconds } = webhook;
  const errors = validateName(webhook.name ?? '', path.child('name'));
  webhook.rules?.forEach((rule, index) => errors.push(...validateRule(rule, path.child('rules').index(index))));
  errors.push(...optionalOneOf(path.child('failurePolicy'), webhook.failurePolicy, failurePolicies));
  errors.push(...optionalOneOf(path.child('matchPolicy'), webhook.matchPolicy, matchPolicies));
  errors.push(...validateSideEffects(webhook.sideEffects, path.child('sideEffects')));
  if (timeoutSeconds !== undefined && (timeoutSeconds < 1 || timeoutSeconds > 30)) {
    const detail = 'the timeout value must be between 1 and 30 seconds';
    errors.push(invalid(path.child('timeoutSeconds'), timeoutSeconds, detail));
  }
  for (const field of ['namespaceSelector', 'objectSelector'] as const) {
    errors.push(...validateLabelSelector(webhook[field], path.child(field)));
  }
  if ('reinvocationPolicy' in webhook) {
    errors.push(...optionalOneOf(path.child('reinvocationPolicy'), webhook.reinvocationPolicy, reinvocationPolicies));
  }
  errors.push(...validateWebhookClient(webhook.clientConfig ?? {}, path.child('clientConfig')));
  errors.push(...validateMatchConditions(webhook.matchConditions, path.child('matchConditions')));
  const versions = webhook.admissionReviewVersions ?? [];
  const missing = `must specify one of ${reviewVersions.join(', ')}`;
  return [...errors, ...validateReviewVersions(versions, path.child('admissionReviewVersions'), missing)];
}

export function validateWebhooks({
  webhooks = [],
}: MutatingWebhookConfiguration | ValidatingWebhookConfiguration): FieldError[] {
  const seen = new Set<string>();
  return webhooks.flatMap((webhook, index) => {
    const path = at('webhooks').index(index);
    const errors = validateWebhook(webhook, path);
    if (webhook.name && seen.has(webhook.name)) errors.push(duplicate(path.child('name'), webhook.name));
    seen.add(webhook.name);
    return errors;
  });
}
