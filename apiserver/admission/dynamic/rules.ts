/** Which requests a rule speaks of. Upstream: `admission/plugin/webhook/predicates/rules`. */
import type { NamedRuleWithOperations, RuleWithOperations } from '../../../api/admissionregistration/v1/types';
import type { Operation } from '../admission';

/** A request under one of the names that its resource is served as. */
export interface RuleSubject {
  operation: Operation;
  group: string;
  version: string;
  resource: string;
  subresource: string;
  /** '' of the object, when the rule names objects. */
  name: string;
  /** True for an object in a namespace. */
  namespaced: boolean;
}

const includes = (values: readonly string[] | undefined, wanted: string): boolean =>
  values !== undefined && (values.includes('*') || values.includes(wanted));

/** Pure: true if the rule covers the request. */
export function ruleMatches(rule: RuleWithOperations | NamedRuleWithOperations, subject: RuleSubject): boolean {
  return (
    scopeMatches(rule.scope, subject) &&
    includes(rule.operations, subject.operation) &&
    includes(rule.apiGroups, subject.group) &&
    includes(rule.apiVersions, subject.version) &&
    (rule.resources ?? []).some((entry) => resourceMatches(entry, subject)) &&
    namesMatch(rule, subject)
  );
}

/** A Namespace object counts as cluster-scoped, although requests for it carry its own name as namespace. */
const scopeMatches = (scope: string | undefined, { namespaced }: RuleSubject): boolean =>
  !scope || scope === '*' || scope === (namespaced ? 'Namespaced' : 'Cluster');

/** An entry names a resource, a subresource after a slash, or a star for either. */
function resourceMatches(entry: string, { resource, subresource }: RuleSubject): boolean {
  const [ofResource = '', ofSubresource = ''] = entry.split('/');
  return (ofResource === '*' || ofResource === resource) && (ofSubresource === '*' || ofSubresource === subresource);
}

const namesMatch = (rule: RuleWithOperations | NamedRuleWithOperations, { name }: RuleSubject): boolean => {
  const names = 'resourceNames' in rule ? rule.resourceNames : undefined;
  return !names?.length || names.includes(name);
};

const configurationKinds: ReadonlySet<string> = new Set([
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
]);

/** What configures admission is never subject to it, so that a mistake can be undone. */
export const isExempt = (group: string, resource: string): boolean =>
  group === 'admissionregistration.k8s.io' && configurationKinds.has(resource);
