/**
 * Pods that want, or must, run near other pods or away from them, by a node label's values. The anti-affinity of pods that
 * run already counts too. Upstream: `plugins/interpodaffinity`.
 */
import type { Pod } from '../../api/core/v1/pod';
import type { Stored } from '../../api/meta/types';
import { type ClusterView, maxNodeScore, type Plugin } from '../framework';
import { type AffinityTerm, type NodeInfo, type PodInfo, requiredAntiAffinityOf } from '../node-info';

/** Counts by `label key = value`. */
type Topology = Map<string, number>;

const pairOf = (key: string, node: NodeInfo): string | undefined => {
  const value = node.node.metadata.labels?.[key];
  return value === undefined ? undefined : `${key}=${value}`;
};

function bump(topology: Topology, key: string, node: NodeInfo, by: number): void {
  const pair = pairOf(key, node);
  if (pair === undefined) return;
  const sum = (topology.get(pair) ?? 0) + by;
  if (sum === 0) topology.delete(pair);
  else topology.set(pair, sum);
}

function termMatches(term: AffinityTerm, pod: Pod, view: ClusterView): boolean {
  const namespace = pod.metadata?.namespace ?? '';
  if (!term.selector.matches(pod.metadata?.labels)) return false;
  return term.namespaces.has(namespace) || term.namespaceSelector.matches(view.namespaceLabels(namespace));
}

interface AffinityState {
  /** Where existing pods refuse this one. */
  refusedBy: Topology;
  /** Where pods that match all affinity terms, and each anti-affinity term, are. */
  near: Topology;
  away: Topology;
  view: ClusterView;
}

const hasRequired = (pod: PodInfo): boolean => pod.requiredAffinity.length > 0 || pod.requiredAntiAffinity.length > 0;

function prepareFilter(pod: PodInfo, nodes: readonly NodeInfo[], view: ClusterView): AffinityState {
  const state: AffinityState = { refusedBy: new Map(), near: new Map(), away: new Map(), view };
  for (const node of nodes) {
    const others = hasRequired(pod) ? node.pods : node.withAffinity;
    for (const other of others.values()) count(state, pod, node, other, 1);
  }
  return state;
}

/** Adds what `other`, on that node, means to the pod; by -1 takes it away. */
function count(
  { refusedBy, near, away, view }: AffinityState,
  pod: PodInfo,
  node: NodeInfo,
  other: PodInfo,
  by: 1 | -1,
): void {
  for (const term of other.requiredAntiAffinity) {
    if (termMatches(term, pod.pod, view)) bump(refusedBy, term.topologyKey, node, by);
  }
  if (pod.requiredAffinity.length && pod.requiredAffinity.every((term) => termMatches(term, other.pod, view))) {
    for (const term of pod.requiredAffinity) bump(near, term.topologyKey, node, by);
  }
  for (const term of pod.requiredAntiAffinity) {
    if (termMatches(term, other.pod, view)) bump(away, term.topologyKey, node, by);
  }
}

function recount(state: AffinityState, pod: PodInfo, node: NodeInfo, other: PodInfo, by: 1 | -1): AffinityState {
  if (!hasRequired(pod) && other.requiredAntiAffinity.length === 0) return state;
  const { refusedBy, near, away, view } = state;
  const changed = { refusedBy: new Map(refusedBy), near: new Map(near), away: new Map(away), view };
  count(changed, pod, node, other, by);
  return changed;
}

function satisfiesAffinity(state: AffinityState, pod: PodInfo, node: NodeInfo): boolean {
  const pairs = pod.requiredAffinity.map((term) => pairOf(term.topologyKey, node));
  if (pairs.includes(undefined)) return false;
  if (pairs.every((pair) => (state.near.get(pair as string) ?? 0) > 0)) return true;
  // The first pod of a group that wants to be near its own kind may go anywhere.
  return state.near.size === 0 && pod.requiredAffinity.every((term) => termMatches(term, pod.pod, state.view));
}

const found = (topology: Topology, pair: string | undefined): boolean =>
  pair !== undefined && (topology.get(pair) ?? 0) > 0;

function prepareScore(pod: PodInfo, _nodes: readonly NodeInfo[], all: readonly NodeInfo[], view: ClusterView) {
  const topology: Topology = new Map();
  const stated = pod.preferredAffinity.length > 0 || pod.preferredAntiAffinity.length > 0;
  for (const node of all) {
    for (const other of (stated ? node.pods : node.withAffinity).values()) {
      for (const term of pod.preferredAffinity) {
        if (termMatches(term, other.pod, view)) bump(topology, term.topologyKey, node, term.weight);
      }
      for (const term of pod.preferredAntiAffinity) {
        if (termMatches(term, other.pod, view)) bump(topology, term.topologyKey, node, -term.weight);
      }
      // The wishes of pods that run already; a required term counts one (hardPodAffinityWeight).
      for (const term of [...other.requiredAffinity.map((t) => ({ ...t, weight: 1 })), ...other.preferredAffinity]) {
        if (termMatches(term, pod.pod, view)) bump(topology, term.topologyKey, node, term.weight);
      }
      for (const term of other.preferredAntiAffinity) {
        if (termMatches(term, pod.pod, view)) bump(topology, term.topologyKey, node, -term.weight);
      }
    }
  }
  return topology.size ? topology : undefined;
}

/** Whether either minds the other's labels. In which namespaces is left open: their labels may have changed. */
const concerns = (pod: PodInfo, other: Stored<Pod>): boolean =>
  [...pod.requiredAffinity, ...pod.requiredAntiAffinity].some(({ selector }) =>
    selector.matches(other.metadata.labels),
  ) || requiredAntiAffinityOf(other).some(({ selector }) => selector.matches(pod.pod.metadata.labels));

export const interPodAffinity: Plugin = {
  name: 'InterPodAffinity',
  prepareFilter,
  recount,
  filter(state: AffinityState, pod, node) {
    if (pod.requiredAffinity.length && !satisfiesAffinity(state, pod, node)) {
      return { reasons: ["node(s) didn't match pod affinity rules"], unresolvable: true };
    }
    if (pod.requiredAntiAffinity.some((term) => found(state.away, pairOf(term.topologyKey, node)))) {
      return { reasons: ["node(s) didn't match pod anti-affinity rules"] };
    }
    if (state.refusedBy.size === 0) return undefined;
    const labels = Object.entries(node.node.metadata.labels ?? {});
    if (labels.some(([key, value]) => found(state.refusedBy, `${key}=${value}`))) {
      return { reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"] };
    }
    return undefined;
  },
  weight: 2,
  prepareScore,
  score(topology: Topology, _pod, { node }) {
    const labels = Object.entries(node.metadata.labels ?? {});
    return labels.reduce((sum, [key, value]) => sum + (topology.get(`${key}=${value}`) ?? 0), 0);
  },
  normalize(scores) {
    const [min, max] = [Math.min(...scores), Math.max(...scores)];
    return scores.map((score) => (max === min ? 0 : Math.floor((maxNodeScore * (score - min)) / (max - min))));
  },
  wakes(event, pod) {
    if ('node' in event) return true;
    if (!('pod' in event)) return false;
    const changed = event.type === 'podUpdated' ? [event.pod, event.old] : [event.pod];
    return changed.some((other) => concerns(pod, other));
  },
};
