/** Which FlowSchema a request belongs to. Pure. Upstream: apiserver `pkg/util/flowcontrol/rule.go`. */
import type {
  FlowSchema,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../api/flowcontrol/v1/types';
import type { RequestInfo, UserInfo } from '../request-context';

/** Lower precedence first, then by name: the first that matches is the one. */
export const byPrecedence = (a: FlowSchema, b: FlowSchema): number =>
  (a.spec?.matchingPrecedence ?? 0) - (b.spec?.matchingPrecedence ?? 0) ||
  ((a.metadata?.name ?? '') < (b.metadata?.name ?? '') ? -1 : 1);

export const matchesFlowSchema = ({ spec }: FlowSchema, user: UserInfo, info: RequestInfo): boolean =>
  (spec?.rules ?? []).some((rule) => matchesRule(rule, user, info));

/** What tells the flows of a schema apart. */
export function distinguisherOf({ spec }: FlowSchema, user: UserInfo, info: RequestInfo): string {
  const method = spec?.distinguisherMethod?.type;
  if (method === 'ByUser') return user.name;
  return method === 'ByNamespace' ? info.namespace : '';
}

function matchesRule(rule: PolicyRulesWithSubjects, user: UserInfo, info: RequestInfo): boolean {
  if (!rule.subjects.some((subject) => matchesSubject(subject, user))) return false;
  if (info.isResourceRequest) return (rule.resourceRules ?? []).some((one) => matchesResourceRule(one, info));
  return (rule.nonResourceRules ?? []).some((one) => matchesNonResourceRule(one, info));
}

function matchesSubject({ user, group, serviceAccount }: Subject, { name, groups }: UserInfo): boolean {
  if (user) return user.name === '*' || user.name === name;
  if (group) return group.name === '*' || groups.includes(group.name);
  if (!serviceAccount) return false;
  const prefix = `system:serviceaccount:${serviceAccount.namespace}:`;
  return serviceAccount.name === '*' ? name.startsWith(prefix) : name === `${prefix}${serviceAccount.name}`;
}

const includes = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list.includes(value) || list.includes('*'));

function matchesResourceRule(rule: ResourcePolicyRule, info: RequestInfo): boolean {
  if (!includes(rule.verbs, info.verb) || !includes(rule.apiGroups, info.apiGroup)) return false;
  const resource = info.subresource ? `${info.resource}/${info.subresource}` : info.resource;
  if (!includes(rule.resources, resource)) return false;
  return info.namespace ? includes(rule.namespaces, info.namespace) : rule.clusterScope === true;
}

const matchesNonResourceRule = (
  { verbs, nonResourceURLs }: NonResourcePolicyRule,
  { verb, path }: RequestInfo,
): boolean =>
  includes(verbs, verb) &&
  nonResourceURLs.some(
    (url) => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1))),
  );
