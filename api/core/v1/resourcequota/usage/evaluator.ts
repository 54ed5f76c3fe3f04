/** How the objects of a kind count against quotas. Upstream: apiserver `pkg/quota/v1/{interfaces,generic/evaluator}.go`. */
import type { GroupResource } from '../../../../meta/status-error';
import { formatGroupResource } from '../../../../meta/status-error';
import type { Resources } from '../../pod/resources';
import type { ResourceQuota, ScopedResourceSelectorRequirement } from '../types';
import { one } from './amounts';

/** A write, as far as usage is concerned. */
export interface UsageChange {
  operation: 'CREATE' | 'UPDATE';
  /** '' for the main resource. */
  subresource: string;
  object: any;
  oldObject?: any;
}

export interface QuotaEvaluator {
  /** Whether the write can change what is used. */
  handles(change: UsageChange): boolean;
  /** Those of the names that objects of this kind count against. */
  matchingResources(names: readonly string[]): string[];
  matchesScope(scope: ScopedResourceSelectorRequirement, object: any): boolean;
  /** What the object must say, and does not, to be counted against these resources; undefined: nothing. */
  missing?(names: readonly string[], object: any): string | undefined;
  usage(object: any, nowMs: number): Resources;
}

/** `count/pods`, `count/deployments.apps`. */
export const countNameOf = (resource: GroupResource): string => `count/${formatGroupResource(resource)}`;

/** Kinds that could be limited in number before `count/…`. */
const oldNames: ReadonlySet<string> = new Set(['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets']);

/** Of a kind of which only the number of objects counts. */
export function objectCountEvaluator(resource: GroupResource): QuotaEvaluator {
  const names = [
    countNameOf(resource),
    ...(!resource.group && oldNames.has(resource.resource) ? [resource.resource] : []),
  ];
  const usage = Object.fromEntries(names.map((name) => [name, one]));
  return {
    handles: ({ operation }) => operation === 'CREATE',
    matchingResources: (given) => given.filter((name) => names.includes(name)),
    matchesScope: () => false,
    usage: () => usage,
  };
}

/** The scopes of a quota, in both ways to write them. */
export const scopesOf = ({ spec }: ResourceQuota): ScopedResourceSelectorRequirement[] => [
  ...(spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })),
  ...(spec?.scopeSelector?.matchExpressions ?? []),
];

export const inScopes = (evaluator: QuotaEvaluator, quota: ResourceQuota, object: unknown): boolean =>
  scopesOf(quota).every((scope) => evaluator.matchesScope(scope, object));

/** How a scope with an operator selects among the values that an object has. */
export function matchesValues({ operator, values = [] }: ScopedResourceSelectorRequirement, has: string[]): boolean {
  const found = has.some((value) => values.includes(value));
  switch (operator) {
    case 'Exists':
      return has.length > 0;
    case 'DoesNotExist':
      return has.length === 0;
    case 'In':
      return found;
    case 'NotIn':
      return !found;
    default:
      return false;
  }
}
