/** What a rule allows, and which rules cover which. Upstream: `apis/rbac/v1/evaluation_helpers.go`, `policy_comparator.go`. Pure. */
import type { PolicyRule } from '../../api/rbac/v1';
import type { AuthorizerAttributes } from './authorizer';

const matches = (wanted: string[] | undefined, given: string): boolean =>
  wanted !== undefined && (wanted.includes('*') || wanted.includes(given));

/** `pods/log` also by `*` and `*\/log`. */
function resourceMatches(wanted: string[] | undefined, resource: string, subresource: string): boolean {
  const combined = subresource ? `${resource}/${subresource}` : resource;
  return (
    matches(wanted, combined) || (subresource !== '' && wanted !== undefined && wanted.includes(`*/${subresource}`))
  );
}

const pathMatches = (wanted: string[] | undefined, path: string): boolean =>
  wanted !== undefined &&
  wanted.some((url) => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.replace(/\*+$/, ''))));

export function ruleAllows(attributes: AuthorizerAttributes, rule: PolicyRule): boolean {
  if (!matches(rule.verbs, attributes.verb)) return false;
  if (!attributes.resourceRequest) return pathMatches(rule.nonResourceURLs, attributes.path);
  return (
    matches(rule.apiGroups, attributes.apiGroup) &&
    resourceMatches(rule.resources, attributes.resource, attributes.subresource) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(attributes.name))
  );
}

export const rulesAllow = (attributes: AuthorizerAttributes, rules: readonly PolicyRule[] | undefined): boolean =>
  rules?.some((rule) => ruleAllows(attributes, rule)) ?? false;

/** Rules with one verb and one group, resource and name (or one path) each. */
export function breakDownRule(rule: PolicyRule): PolicyRule[] {
  const parts: PolicyRule[] = [];
  for (const verb of rule.verbs) {
    for (const url of rule.nonResourceURLs ?? []) parts.push({ verbs: [verb], nonResourceURLs: [url] });
    for (const apiGroup of rule.apiGroups ?? []) {
      for (const resource of rule.resources ?? []) {
        const part = { verbs: [verb], apiGroups: [apiGroup], resources: [resource] };
        if (!rule.resourceNames?.length) parts.push(part);
        else for (const name of rule.resourceNames) parts.push({ ...part, resourceNames: [name] });
      }
    }
  }
  return parts;
}

/** Whether one owner rule covers a broken-down rule. */
function ruleCovers(owner: PolicyRule, part: PolicyRule): boolean {
  if (!matches(owner.verbs, part.verbs[0]!)) return false;
  if (part.nonResourceURLs) return pathMatches(owner.nonResourceURLs, part.nonResourceURLs[0]!);
  const [resource = '', ...rest] = part.resources![0]!.split('/');
  return (
    matches(owner.apiGroups, part.apiGroups![0]!) &&
    resourceMatches(owner.resources, resource, rest.join('/')) &&
    (!owner.resourceNames?.length ||
      (part.resourceNames !== undefined && owner.resourceNames.includes(part.resourceNames[0]!)))
  );
}

/** The parts of `wanted` that `owned` does not cover; empty means covered. */
export const uncoveredRules = (owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] =>
  wanted.flatMap(breakDownRule).filter((part) => !owned.some((rule) => ruleCovers(rule, part)));

/** `{APIGroups:["apps"], Resources:["deployments"], Verbs:["get" "list"]}`, with rules that differ only in verbs joined. */
export function formatRules(rules: readonly PolicyRule[]): string[] {
  const verbsOf = new Map<string, string[]>();
  const list = (values: string[]): string => `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;
  for (const rule of rules) {
    const fields = [
      rule.apiGroups?.length && `APIGroups:${list(rule.apiGroups)}`,
      rule.resources?.length && `Resources:${list(rule.resources)}`,
      rule.nonResourceURLs?.length && `NonResourceURLs:${list(rule.nonResourceURLs)}`,
      rule.resourceNames?.length && `ResourceNames:${list(rule.resourceNames)}`,
    ].filter(Boolean);
    const key = fields.join(', ');
    verbsOf.set(key, [...(verbsOf.get(key) ?? []), ...rule.verbs]);
  }
  return [...verbsOf].map(([fields, verbs]) => `{${fields}, Verbs:${list(verbs)}}`).sort();
}
