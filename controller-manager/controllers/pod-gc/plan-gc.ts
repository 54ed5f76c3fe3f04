/** Which pods nobody else will ever clean up. Upstream: `pkg/controller/podgc/gc_controller.go`. */
import type { Node } from '../../../api/core/v1/node';
import { taintKeys } from '../../../api/core/v1/node/taints';
import type { Pod } from '../../../api/core/v1/pod';
import { isPodTerminal } from '../../../api/core/v1/pod/conditions';
import type { Stored } from '../../../api/meta/types';

/** Failed and succeeded pods beyond the threshold: evicted ones first, then the oldest. */
export function terminatedBeyond(pods: readonly Stored<Pod>[], threshold: number): Stored<Pod>[] {
  if (threshold <= 0) return [];
  const terminated = pods.filter(isPodTerminal);
  const evicted = ({ status }: Pod): boolean => status?.phase === 'Failed' && status.reason === 'Evicted';
  return terminated
    .toSorted(
      (a, b) =>
        Number(evicted(b)) - Number(evicted(a)) ||
        compare(a.metadata.creationTimestamp, b.metadata.creationTimestamp) ||
        compare(a.metadata.name, b.metadata.name),
    )
    .slice(0, Math.max(terminated.length - threshold, 0));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Pods being deleted that no kubelet has ever seen. */
export const unscheduledTerminating = (pods: readonly Stored<Pod>[]): Stored<Pod>[] =>
  pods.filter(({ metadata, spec }) => metadata.deletionTimestamp && !spec?.nodeName);

/** Pods being deleted on a node that somebody declared out of service while it is not ready. */
export function onOutOfServiceNodes(
  pods: readonly Stored<Pod>[],
  nodeOf: (name: string) => Node | undefined,
): Stored<Pod>[] {
  return pods.filter(({ metadata, spec }) => {
    if (!metadata.deletionTimestamp || !spec?.nodeName) return false;
    const node = nodeOf(spec.nodeName);
    const ready = node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
    return node !== undefined && !ready && node.spec?.taints?.some(({ key }) => key === taintKeys.outOfService);
  });
}

/** Names of nodes that pods are bound to and that do not exist. */
export const missingNodes = (pods: readonly Pod[], nodeOf: (name: string) => Node | undefined): Set<string> =>
  new Set(pods.flatMap(({ spec }) => (spec?.nodeName && !nodeOf(spec.nodeName) ? [spec.nodeName] : [])));
