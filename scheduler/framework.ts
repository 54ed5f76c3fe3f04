/**
 * What a scheduler plugin is, and how plugins are asked in order. Pure: a decision depends on the pod, the nodes and the
 * random numbers passed in. Upstream: `pkg/scheduler/framework/interface.go` and `schedule_one.go`.
 */
import type { Node } from '../api/core/v1/node';
import type { PersistentVolume } from '../api/core/v1/persistentvolume';
import type { PersistentVolumeClaim } from '../api/core/v1/persistentvolumeclaim';
import type { Pod } from '../api/core/v1/pod';
import type { Selector } from '../api/meta/selectors';
import type { Stored } from '../api/meta/types';
import type { StorageClass } from '../api/storage/v1/storageclass';
import type { NodeInfo, PodInfo } from './node-info';

/** A node does not fit. `unresolvable`: removing pods from it would not help. */
export interface Rejection {
  reasons: string[];
  unresolvable?: boolean;
}

/** Changes that may make a rejected pod schedulable. Of updates only those that matter to scheduling are told. */
export type ClusterEvent =
  | { type: 'nodeAdded'; node: Stored<Node> }
  | { type: 'nodeUpdated'; node: Stored<Node>; old: Stored<Node> }
  | { type: 'nodeDeleted'; node: Stored<Node> }
  | { type: 'podAdded'; pod: Stored<Pod> }
  | { type: 'podUpdated'; pod: Stored<Pod>; old: Stored<Pod> }
  /** Also told when a pod gives up room that was kept for it. */
  | { type: 'podDeleted'; pod: Stored<Pod> }
  | { type: 'claimChanged'; claim: Stored<PersistentVolumeClaim> }
  | { type: 'volumeChanged'; volume: Stored<PersistentVolume> }
  | { type: 'storageClassAdded'; storageClass: Stored<StorageClass> };

/** What plugins know beside the nodes. */
export interface ClusterView {
  namespaceLabels(name: string): Record<string, string> | undefined;
  /** By `namespace/name`. */
  claim(key: string): Stored<PersistentVolumeClaim> | undefined;
  volume(name: string): Stored<PersistentVolume> | undefined;
  storageClass(name: string): Stored<StorageClass> | undefined;
  /** Selects the pods of the same Service or controller; undefined when the pod has neither. */
  ownerSelector(pod: Pod): Selector | undefined;
}

/**
 * One plugin. `S` is what it computes once per pod before it looks at single nodes. A plugin that gives `undefined` from
 * `prepareFilter` or `prepareScore` has nothing to say about the pod.
 */
export interface Plugin<S = any> {
  name: string;
  /** Why no node at all will do, whatever it is like. */
  preFilter?(pod: PodInfo, view: ClusterView): string | undefined;
  prepareFilter?(pod: PodInfo, nodes: readonly NodeInfo[], view: ClusterView): S | undefined;
  /** What `prepareFilter` would give once `other` came to the node (`by` 1) or left it (-1). Leaves `state` as it is. */
  recount?(state: S, pod: PodInfo, node: NodeInfo, other: PodInfo, by: 1 | -1): S;
  /** Undefined when the node fits. */
  filter?(state: S, pod: PodInfo, node: NodeInfo): Rejection | undefined;
  /** Default weight in upstream's default profile. */
  weight?: number;
  /** `nodes` are those that fit; `all` is the whole cluster. */
  prepareScore?(pod: PodInfo, nodes: readonly NodeInfo[], all: readonly NodeInfo[], view: ClusterView): any;
  score?(state: any, pod: PodInfo, node: NodeInfo): number;
  /** Brings raw scores into 0..100. Without it they are taken as they are. */
  normalize?(scores: number[], state: any, nodes: readonly NodeInfo[]): number[];
  /** Whether an event may let a pod that this plugin rejected be scheduled. */
  wakes?(event: ClusterEvent, pod: PodInfo): boolean;
}

export const maxNodeScore = 100;

/** Why a pod fits nowhere. */
export interface Diagnosis {
  /** By node name. */
  rejections: Map<string, Rejection>;
  /** Why no node at all will do; then no single one was asked. */
  preFilterMessage?: string;
  /** Plugins that rejected at least one node: their events wake the pod. */
  plugins: Set<string>;
}

/** Weighted sum of all plugins' scores, in the order of `nodes`. */
export function scoreNodes(
  plugins: readonly Plugin[],
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  all: readonly NodeInfo[],
  view: ClusterView,
): number[] {
  const totals = nodes.map(() => 0);
  for (const plugin of plugins) {
    if (!plugin.score) continue;
    const state: unknown = plugin.prepareScore ? plugin.prepareScore(pod, nodes, all, view) : null;
    if (state === undefined) continue;
    const raw = nodes.map((node) => plugin.score?.(state, pod, node) ?? 0);
    const scores = plugin.normalize ? plugin.normalize(raw, state, nodes) : raw;
    scores.forEach((score, i) => (totals[i] = (totals[i] ?? 0) + score * (plugin.weight ?? 1)));
  }
  return totals;
}

/** One of the nodes with the highest score, each as likely as the other. */
export function selectHost<N>(nodes: readonly N[], scores: readonly number[], random: () => number): N | undefined {
  let best: N | undefined;
  let bestScore = -Infinity;
  let ties = 0;
  nodes.forEach((node, i) => {
    const score = scores[i] ?? 0;
    ties = score > bestScore ? 1 : score === bestScore ? ties + 1 : ties;
    if (score > bestScore || (score === bestScore && random() < 1 / ties)) {
      best = node;
      bestScore = score;
    }
  });
  return best;
}

/** Scales so that the highest is 100; `reverse` makes the lowest raw score the best. */
export function defaultNormalize(scores: readonly number[], reverse = false): number[] {
  const max = Math.max(0, ...scores);
  if (max === 0) return scores.map(() => (reverse ? maxNodeScore : 0));
  return scores.map((score) => {
    const scaled = Math.floor((score * maxNodeScore) / max);
    return reverse ? maxNodeScore - scaled : scaled;
  });
}

/** `0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu. preemption: …`, as FitError prints it. */
export function fitErrorMessage(
  { rejections, preFilterMessage }: Pick<Diagnosis, 'rejections' | 'preFilterMessage'>,
  nodeCount: number,
  postFilterMessage = '',
): string {
  const counts = new Map<string, number>();
  for (const { reasons } of rejections.values()) {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const histogram = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  const reasons = preFilterMessage ?? histogram.join(', ');
  let message = `0/${nodeCount} nodes are available:`;
  if (reasons) message += ` ${reasons}.`;
  if (postFilterMessage) message += ` ${postFilterMessage}`;
  return message;
}
