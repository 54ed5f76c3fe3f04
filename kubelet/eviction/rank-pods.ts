/** Which pod goes first when a resource runs short (upstream pkg/kubelet/eviction/helpers.go). Pure. */
import { type Pod, podRequests } from '../../api/core/v1/pod';
import type { StarvedResource } from './signals';

/** What a pod uses of the resource that runs short. */
export interface PodUsage {
  /** Bytes, inodes or processes. */
  amount: number;
  /** Of single containers; none for inodes and processes. */
  containers: readonly { name: string; amount: number }[];
}

/** By pod UID. Pods of which nothing is known are missing. */
export type Usages = ReadonlyMap<string, PodUsage>;

/**
 * Pods of which nothing is known, those that use more than they asked for, those of low priority, those that use most beyond
 * what they asked for. Nobody asks for processes or inodes.
 */
export function rankPods(pods: readonly Pod[], resource: StarvedResource, usages: Usages): Pod[] {
  const requestOf = (pod: Pod): number =>
    resource === 'memory' || resource === 'ephemeral-storage' ? (podRequests(pod)[resource]?.value() ?? 0) : 0;
  const ranked = pods.map((pod) => {
    const usage = usages.get(pod.metadata?.uid ?? '');
    const excess = usage ? usage.amount - requestOf(pod) : Infinity;
    const exceeds = excess > 0 ? 0 : 1;
    const priority = pod.spec?.priority ?? 0;
    const isUnknown = usage ? 1 : 0;
    const keys = resource === 'pids' ? [priority, isUnknown] : [isUnknown, exceeds, priority];
    return { pod, keys, excess };
  });
  ranked.sort((a, b) => {
    const difference = a.keys.map((key, i) => key - (b.keys[i] ?? 0)).find((sign) => sign !== 0);
    return difference ?? (a.excess === b.excess ? 0 : b.excess - a.excess);
  });
  return ranked.map(({ pod }) => pod);
}
