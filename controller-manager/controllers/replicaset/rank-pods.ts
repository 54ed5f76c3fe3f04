/**
 * Which pods go first when a ReplicaSet shrinks. Upstream: `ActivePodsWithRanks` and `getPodsToDelete`, with
 * LogarithmicScaleDown: ages count as powers of two, so that among pods of similar age the victim is random.
 */
import type { Pod } from '../../../api/core/v1/pod';
import { isPodReady, isPodTerminal } from '../../../api/core/v1/pod/conditions';
import type { Stored } from '../../../api/meta/types';

export const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';

/** `related` are the pods (these included) whose doubling on one node is to be undone. */
export function choosePodsToDelete(
  candidates: readonly Stored<Pod>[],
  related: readonly Stored<Pod>[],
  count: number,
  now: number,
): Stored<Pod>[] {
  if (count >= candidates.length) return [...candidates];
  const podsOnNode = new Map<string, number>();
  for (const pod of related) {
    if (isPodTerminal(pod) || pod.metadata.deletionTimestamp) continue;
    const node = pod.spec?.nodeName ?? '';
    podsOnNode.set(node, (podsOnNode.get(node) ?? 0) + 1);
  }
  const rank = (pod: Stored<Pod>): number => podsOnNode.get(pod.spec?.nodeName ?? '') ?? 0;
  return candidates.toSorted((a, b) => compareForDeletion(a, b, rank, now)).slice(0, count);
}

/** Negative when `a` is to be deleted before `b`. The first difference decides. */
export function compareForDeletion(
  a: Stored<Pod>,
  b: Stored<Pod>,
  rank: (pod: Stored<Pod>) => number,
  now: number,
): number {
  return (
    // 1. Unassigned before assigned.
    Number(Boolean(a.spec?.nodeName)) - Number(Boolean(b.spec?.nodeName)) ||
    // 2. Pending before unknown before running.
    phaseOrder(a) - phaseOrder(b) ||
    // 3. Not ready before ready.
    Number(isPodReady(a)) - Number(isPodReady(b)) ||
    // 4. Cheaper before dearer.
    deletionCost(a) - deletionCost(b) ||
    // 5. Doubled up before alone on its node.
    rank(b) - rank(a) ||
    // 6. Ready for a shorter before ready for a longer time.
    compareYoungerFirst(readySince(a), readySince(b), a, b, now) ||
    // 7. More restarts before fewer.
    compareRestarts(a, b) ||
    // 8. Newer before older.
    compareYoungerFirst(parse(a.metadata.creationTimestamp), parse(b.metadata.creationTimestamp), a, b, now)
  );
}

const phaseOrder = (pod: Pod): number => ({ Pending: 0, Unknown: 1, Running: 2 })[pod.status?.phase ?? ''] ?? 0;

const deletionCost = (pod: Pod): number => {
  const text = pod.metadata?.annotations?.[deletionCostAnnotation];
  return text !== undefined && /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : 0;
};

const parse = (time: string | undefined): number | undefined => (time === undefined ? undefined : Date.parse(time));

const readySince = (pod: Pod): number | undefined =>
  isPodReady(pod) ? parse(pod.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime) : undefined;

/** An unknown time counts as youngest; ages within one power of two are ordered by UID, which is random. */
function compareYoungerFirst(
  a: number | undefined,
  b: number | undefined,
  podA: Stored<Pod>,
  podB: Stored<Pod>,
  now: number,
): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  return ageRank(now - a) - ageRank(now - b) || (podA.metadata.uid < podB.metadata.uid ? -1 : 1);
}

const ageRank = (ageMs: number): number => (ageMs > 0 ? Math.floor(Math.log2(ageMs * 1e6)) : -1);

function compareRestarts(a: Pod, b: Pod): number {
  const most = (statuses: { restartCount: number }[] | undefined): number =>
    Math.max(0, ...(statuses ?? []).map(({ restartCount }) => restartCount));
  return (
    most(b.status?.containerStatuses) - most(a.status?.containerStatuses) ||
    most(b.status?.initContainerStatuses) - most(a.status?.initContainerStatuses)
  );
}
