/** A node must have room for what a pod requests; of several the one with most left is preferred (LeastAllocated). */
import { parseResources } from '../../api/core/v1/pod/resources';
import { maxNodeScore, type Plugin, type Rejection } from '../framework';
import { newPodInfo, type NodeInfo, type PodInfo } from '../node-info';

/** What is missing, in upstream's order: pods, cpu, memory, then the rest. */
export function findInsufficient(pod: PodInfo, node: NodeInfo): Rejection | undefined {
  const reasons: string[] = [];
  let unresolvable = false;
  if (node.pods.size + 1 > (node.allocatable['pods'] ?? 0)) reasons.push('Too many pods');
  for (const [name, request] of pod.sortedRequests) {
    const allocatable = node.allocatable[name] ?? 0;
    if (request === 0 || request <= allocatable - (node.requested[name] ?? 0)) continue;
    reasons.push(`Insufficient ${name}`);
    if (request > allocatable) unresolvable = true;
  }
  return reasons.length ? { reasons, unresolvable } : undefined;
}

const leastRequestedScore = (requested: number, capacity: number): number =>
  capacity === 0 || requested > capacity ? 0 : Math.floor(((capacity - requested) * maxNodeScore) / capacity);

export const nodeResourcesFit: Plugin = {
  name: 'NodeResourcesFit',
  filter: (_state, pod, node) => findInsufficient(pod, node),
  weight: 1,
  score(_state, pod, node) {
    const scores = (['cpu', 'memory'] as const)
      .filter((name) => (node.allocatable[name] ?? 0) > 0)
      .map((name) => leastRequestedScore(node.nonZero[name] + pod.nonZero[name], node.allocatable[name] ?? 0));
    return scores.length ? Math.floor(scores.reduce((sum, score) => sum + score, 0) / scores.length) : 0;
  },
  wakes(event, pod) {
    if (event.type === 'podDeleted') return true;
    if (event.type === 'podUpdated') {
      // Only a pod that now asks for less makes room.
      const [now, before] = [newPodInfo(event.pod).requests, newPodInfo(event.old).requests];
      return Object.keys(pod.requests).some((name) => (now[name] ?? 0) < (before[name] ?? 0));
    }
    if (event.type !== 'nodeAdded' && event.type !== 'nodeUpdated') return false;
    const allocatable = parseResources(event.node.status?.allocatable);
    return Object.entries(pod.requests).every(([name, amount]) => {
      const quantity = allocatable[name];
      return amount <= (name === 'cpu' ? (quantity?.milliValue() ?? 0) : (quantity?.value() ?? 0));
    });
  },
};
