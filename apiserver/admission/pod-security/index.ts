/**
 * Keeps pods within the standard of their namespace, warns of templates that are not, and minds the labels that choose the
 * standard. Upstream: `k8s.io/pod-security-admission/admission`.
 */
import { type Namespace, namespaces } from '../../../api/core/v1/namespace';
import { type Pod, pods } from '../../../api/core/v1/pod';
import { deepEqual } from '../../../api/meta/json';
import { newInternalError, newInvalid } from '../../../api/meta/status-error';
import type { Metrics } from '../../../component-base/metrics';
import type { Loopback } from '../../registry/loopback';
import type { AdmissionAttributes, AdmissionPlugin } from '../admission';
import { lookUpOf } from '../../registry/look-up';
import { nameOf, refuse } from '../refusal';
import type { PodSubject } from './check';
import { defaultConfiguration, type PodSecurityConfiguration } from './configuration';
import { describeViolations, evaluatePod } from './evaluate';
import { createPodSecurityMetrics } from './metrics';
import { warningsForPods } from './namespace-warnings';
import { hasPodTemplate, podTemplateOf } from './pod-templates';
import { formatLevelVersion, isStricter, labelPrefix, modes, type Policy, policyOf } from './policy';
import { isSignificantUpdate } from './significant-update';

/** What changes nothing that the standards speak of. */
const harmlessSubresources: ReadonlySet<string> = new Set([
  'attach',
  'binding',
  'eviction',
  'exec',
  'log',
  'portforward',
  'proxy',
  'status',
]);

export interface PodSecurityDeps {
  loopback: Loopback;
  metrics?: Metrics;
  configuration?: PodSecurityConfiguration;
}

export function podSecurity({
  loopback,
  metrics,
  configuration = defaultConfiguration,
}: PodSecurityDeps): AdmissionPlugin {
  const findNamespace = lookUpOf(loopback, namespaces);
  const podView = loopback.view(pods);
  const record = createPodSecurityMetrics(metrics);
  const { defaults, exemptions } = configuration;

  const annotate = (attributes: AdmissionAttributes, key: string, value: string): void =>
    attributes.context.annotateAudit?.(labelPrefix + key, value);

  const isExempt = (attributes: AdmissionAttributes, dimension: keyof typeof exemptions, value: string): boolean => {
    if (!value || !exemptions[dimension].includes(value)) return false;
    annotate(
      attributes,
      'exempt',
      { usernames: 'user', namespaces: 'namespace', runtimeClasses: 'runtimeClass' }[dimension],
    );
    record.exempted(attributes);
    return true;
  };

  const validateNamespace = (attributes: AdmissionAttributes<Namespace>): void => {
    const { context, operation, oldObject, object } = attributes;
    const name = nameOf(attributes);
    const next = policyOf(object?.metadata?.labels, defaults);
    const old = operation === 'UPDATE' ? policyOf(oldObject?.metadata.labels, defaults) : undefined;
    if (next.errors.length && !deepEqual(next.errors, old?.errors)) {
      throw newInvalid({ group: '', kind: 'Namespace' }, name, next.errors);
    }
    const { policy } = next;
    if (exemptions.namespaces.includes(name)) {
      const warning = ignoredPolicy(name, policy);
      if (warning && !deepEqual(policy, defaults) && !deepEqual(policy, old?.policy)) context.warn(warning);
    } else if (old && isStricter(policy.enforce, old.policy.enforce)) {
      const exempt = exemptions.runtimeClasses;
      const present = podView.list(name).filter(({ spec }) => !exempt.includes(spec?.runtimeClassName ?? ''));
      for (const warning of warningsForPods(name, policy.enforce, present)) context.warn(warning);
    }
  };

  const validateSubject = async (
    attributes: AdmissionAttributes,
    subject: PodSubject,
    enforced: boolean,
  ): Promise<void> => {
    const { namespace, context } = attributes;
    if (isExempt(attributes, 'namespaces', namespace) || isExempt(attributes, 'usernames', context.user.name)) return;
    const found = await findNamespace('', namespace);
    if (!found) {
      if (enforced) throw newInternalError(new Error(`failed to lookup namespace ${namespace}`));
      return;
    }
    const { policy, errors } = policyOf(found.metadata.labels, defaults);
    const relevant = enforced ? modes : modes.filter((mode) => mode !== 'enforce');
    if (relevant.every((mode) => policy[mode].level === 'privileged') && !errors.length) {
      if (!enforced) return;
      annotate(attributes, 'enforce-policy', formatLevelVersion(policy.enforce));
      return record.evaluated(attributes, 'enforce', policy.enforce, true);
    }
    if (isExempt(attributes, 'runtimeClasses', subject.spec.runtimeClassName ?? '')) return;
    if (errors.length) {
      annotate(attributes, 'error', `Failed to parse policy: ${errors.map(({ detail }) => detail).join(', ')}`);
    }
    judge(attributes, subject, policy, enforced);
  };

  const judge = (attributes: AdmissionAttributes, subject: PodSubject, policy: Policy, enforced: boolean): void => {
    const { enforce, audit, warn } = policy;
    const refused = enforced ? evaluatePod(enforce, subject) : [];
    if (enforced) {
      annotate(attributes, 'enforce-policy', formatLevelVersion(enforce));
      record.evaluated(attributes, 'enforce', enforce, !refused.length);
    }
    const noted = evaluatePod(audit, subject);
    if (noted.length) {
      annotate(attributes, 'audit-violations', `would ${violates(audit, describeViolations(noted))}`);
      record.evaluated(attributes, 'audit', audit, false);
    }
    if (refused.length) throw refuse(attributes, violates(enforce, describeViolations(refused), 'violates'));
    const warned = evaluatePod(warn, subject);
    if (!warned.length) return;
    attributes.context.warn(`would ${violates(warn, describeViolations(warned))}`);
    record.evaluated(attributes, 'warn', warn, false);
  };

  return {
    name: 'PodSecurity',
    operations: ['CREATE', 'UPDATE'],
    concerns(definition, subresource) {
      if (definition === pods) return !harmlessSubresources.has(subresource);
      return !subresource && (definition === namespaces || hasPodTemplate(definition));
    },
    async validate(attributes) {
      const { definition, operation, object, oldObject } = attributes;
      if (definition === namespaces) validateNamespace(attributes);
      else if (definition === pods) {
        const pod = object as Pod;
        if (operation === 'UPDATE' && oldObject && !isSignificantUpdate(pod, oldObject as Pod)) return;
        await validateSubject(attributes, { metadata: pod.metadata ?? {}, spec: pod.spec! }, true);
      } else {
        const template = podTemplateOf(definition, object);
        if (template) await validateSubject(attributes, template, false);
      }
    },
  };
}

const violates = (standard: Policy['enforce'], what: string, verb = 'violate'): string =>
  `${verb} PodSecurity ${JSON.stringify(formatLevelVersion(standard))}: ${what}`;

/** Why a policy has no effect; undefined when it asks for nothing. */
function ignoredPolicy(namespace: string, policy: Policy): string | undefined {
  const asked = modes.filter((mode) => policy[mode].level !== 'privileged');
  if (!asked.length) return undefined;
  const text = asked.map((mode) => `${mode}=${formatLevelVersion(policy[mode])}`).join(', ');
  return `namespace ${JSON.stringify(namespace)} is exempt from Pod Security, and the policy (${text}) will be ignored`;
}
