/** Reads an audit policy and finds the rule of a request: the first that matches decides. Pure. Upstream: apiserver `pkg/audit/policy`. */
import { parse } from 'yaml';
import type { RequestInfo, UserInfo } from '../request-context';
import type { AuditGroupResources, AuditLevel, AuditPolicy, AuditPolicyRule, AuditStage } from './types';

const levels: readonly string[] = ['None', 'Metadata', 'Request', 'RequestResponse'];
const stages: readonly string[] = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'];

/** What is recorded of one request. */
export interface AuditDecision {
  level: AuditLevel;
  omitStages: ReadonlySet<AuditStage>;
  omitManagedFields: boolean;
}

/** Throws with one sentence for a text that is no valid policy. */
export function parseAuditPolicy(text: string): AuditPolicy {
  const policy = parse(text) as (AuditPolicy & { apiVersion?: string; kind?: string }) | null;
  if (policy?.apiVersion !== 'audit.k8s.io/v1' || policy.kind !== 'Policy') {
    throw new Error('an audit policy must be of apiVersion audit.k8s.io/v1 and kind Policy');
  }
  if (!policy.rules?.length) throw new Error('loaded illegal policy with 0 rules');
  checkStages(policy.omitStages, 'omitStages');
  policy.rules.forEach((rule, index) => checkRule(rule, `rules[${index}]`));
  return policy;
}

function checkRule(rule: AuditPolicyRule, path: string): void {
  if (!levels.includes(rule.level)) {
    throw new Error(
      `${path}.level: Unsupported value: ${JSON.stringify(rule.level)}: supported values: ${levels.join(', ')}`,
    );
  }
  if (rule.nonResourceURLs?.length && (rule.resources?.length || rule.namespaces?.length)) {
    throw new Error(
      `${path}.nonResourceURLs: Invalid value: rules cannot apply to both regular resources and non-resource URLs`,
    );
  }
  for (const url of rule.nonResourceURLs ?? []) {
    if (url === '*') continue;
    if (!url.startsWith('/'))
      throw new Error(
        `${path}.nonResourceURLs: Invalid value: ${JSON.stringify(url)}: non-resource URL rules must begin with a '/' character`,
      );
    if (url.slice(0, -1).includes('*'))
      throw new Error(
        `${path}.nonResourceURLs: Invalid value: ${JSON.stringify(url)}: non-resource URL wildcards '*' must be the final character of the rule`,
      );
  }
  for (const { group = '', resources, resourceNames } of rule.resources ?? []) {
    if (group && !/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(group))
      throw new Error(`${path}.resources.group: Invalid value: ${JSON.stringify(group)}`);
    if (resourceNames?.length && !resources?.length)
      throw new Error(
        `${path}.resources.resourceNames: Invalid value: using resourceNames requires at least one resource`,
      );
  }
  checkStages(rule.omitStages, `${path}.omitStages`);
}

function checkStages(given: readonly string[] | undefined, path: string): void {
  for (const stage of given ?? [])
    if (!stages.includes(stage))
      throw new Error(`${path}: Invalid value: ${JSON.stringify(stage)}: must be one of ${stages.join(', ')}`);
}

/** Gives the function that decides; undefined means that nothing is recorded. `user` is undefined when authentication failed. */
export function createAuditEvaluator(
  policy: AuditPolicy,
): (info: RequestInfo, user: UserInfo | undefined) => AuditDecision | undefined {
  const rules = policy.rules.map((rule) => ({
    rule,
    decision: {
      level: rule.level,
      omitStages: new Set([...(policy.omitStages ?? []), ...(rule.omitStages ?? [])]),
      omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields ?? false,
    },
  }));
  return (info, user) => {
    const found = rules.find(({ rule }) => matches(rule, info, user))?.decision;
    return found?.level === 'None' ? undefined : found;
  };
}

function matches(rule: AuditPolicyRule, info: RequestInfo, user: UserInfo | undefined): boolean {
  if (rule.users?.length && !(user && rule.users.includes(user.name))) return false;
  if (rule.userGroups?.length && !user?.groups.some((group) => rule.userGroups!.includes(group))) return false;
  if (rule.verbs?.length && !rule.verbs.includes(info.verb)) return false;
  if (rule.namespaces?.length || rule.resources?.length) return info.isResourceRequest && matchesResource(rule, info);
  if (!rule.nonResourceURLs?.length) return true;
  return !info.isResourceRequest && rule.nonResourceURLs.some((spec) => matchesPath(spec, info.path));
}

const matchesPath = (spec: string, path: string): boolean =>
  spec === '*' || spec === path || (spec.endsWith('*') && path.startsWith(spec.slice(0, -1)));

function matchesResource(rule: AuditPolicyRule, info: RequestInfo): boolean {
  // The namespace '' stands for objects without one.
  if (rule.namespaces?.length && !rule.namespaces.includes(info.namespace)) return false;
  return !rule.resources?.length || rule.resources.some((resources) => covers(resources, info));
}

function covers({ group = '', resources, resourceNames }: AuditGroupResources, info: RequestInfo): boolean {
  if (group !== info.apiGroup) return false;
  if (!resources?.length) return true;
  if (resourceNames?.length && !resourceNames.includes(info.name)) return false;
  const { resource, subresource } = info;
  const combined = subresource ? `${resource}/${subresource}` : resource;
  return resources.some(
    (spec) =>
      spec === '*' ||
      spec === combined ||
      spec === `${resource}/*` ||
      (subresource !== '' && spec === `*/${subresource}`),
  );
}
