/** What the objects of a namespace use of a quota. Pure. Upstream: `CalculateUsage` in apiserver `pkg/quota/v1/resources.go`. */
import { addResources, type Resources } from '../../../api/core/v1/pod/resources';
import type { ResourceQuota } from '../../../api/core/v1/resourcequota';
import { inScopes, mask, type QuotaEvaluator } from '../../../api/core/v1/resourcequota/usage';
import { Quantity } from '../../../api/meta/quantity';

/** A kind that quotas can limit, and its objects in the quota's namespace. */
export interface CountedKind {
  evaluator: QuotaEvaluator;
  objects(): readonly unknown[];
}

export interface UsageSources {
  kinds: readonly CountedKind[];
  /** How many objects there are of a kind that was added at run time, by the name of its limit: `count/widgets.example.com`. */
  countOf(name: string): number;
  nowMs: number;
}

/** One amount for every resource that the quota limits. */
export function calculateUsage(quota: ResourceQuota, { kinds, countOf, nowMs }: UsageSources): Resources {
  const names = Object.keys(quota.spec?.hard ?? {});
  const used: Resources = Object.fromEntries(names.map((name) => [name, Quantity.zero]));
  const known = new Set<string>();
  for (const { evaluator, objects } of kinds) {
    const matching = evaluator.matchingResources(names);
    if (!matching.length) continue;
    for (const name of matching) known.add(name);
    for (const object of objects()) {
      if (!inScopes(evaluator, quota, object)) continue;
      Object.assign(used, addTo(used, mask(evaluator.usage(object, nowMs), matching)));
    }
  }
  for (const name of names) {
    if (name.startsWith('count/') && !known.has(name)) used[name] = Quantity.ofValue(countOf(name));
  }
  return used;
}

const addTo = (used: Resources, more: Resources): Resources => mask(addResources(used, more), Object.keys(more));
