/** Whether, and when, a pod must leave a node for its NoExecute taints. Upstream: `taint_eviction.go`, as a pure function. */
import type { Taint } from '../../../api/core/v1/node';
import { tolerationMatches } from '../../../api/core/v1/node/taints';
import type { Toleration } from '../../../api/core/v1/pod';

/** `stay` until something changes, leave `now`, or leave `afterMs` after the taints were first seen on it. */
export type EvictionPlan = { verdict: 'stay' } | { verdict: 'now' } | { verdict: 'later'; afterMs: number };

/** The shortest toleration decides; tolerations without tolerationSeconds last for ever. */
export function planEviction(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
): EvictionPlan {
  const noExecute = (taints ?? []).filter(({ effect }) => effect === 'NoExecute');
  const used: Toleration[] = [];
  for (const taint of noExecute) {
    const match = tolerations?.find((toleration) => tolerationMatches(toleration, taint));
    if (!match) return { verdict: 'now' };
    used.push(match);
  }
  const limits = used.flatMap(({ tolerationSeconds }) => (tolerationSeconds === undefined ? [] : [tolerationSeconds]));
  if (limits.length === 0) return { verdict: 'stay' };
  return { verdict: 'later', afterMs: Math.max(0, Math.min(...limits)) * 1000 };
}
