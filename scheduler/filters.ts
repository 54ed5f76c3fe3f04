/**
 * Asks the plugins' filters about one pod, on the nodes as they are or as they would be with other pods on them. Pure.
 * Upstream: `runtime/framework.go` and `findNodesThatFitPod` in `schedule_one.go`.
 */
import type { ClusterView, Diagnosis, Plugin, Rejection } from './framework';
import { addPod, cloneNodeInfo, type NodeInfo, type PodInfo, removePod } from './node-info';

export interface PluginRejection {
  plugin: string;
  rejection: Rejection;
}

/** A node with other pods than it has. Nobody else sees the changes. */
export interface Trial {
  add(other: PodInfo): void;
  remove(other: PodInfo): void;
  check(): PluginRejection | undefined;
}

/** The filters, prepared for one pod. They hold until the next await, as the nodes do. */
export interface PodFilters {
  /** Set when no node at all will do; then there is no point in asking about single ones. */
  everywhere?: { plugin: string; message: string };
  /** The first plugin's rejection; undefined when the pod fits. */
  check(node: NodeInfo): PluginRejection | undefined;
  trial(node: NodeInfo): Trial;
}

interface Prepared {
  plugin: Plugin;
  state: unknown;
}

export function prepareFilters(
  plugins: readonly Plugin[],
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  view: ClusterView,
): PodFilters {
  for (const { name, preFilter } of plugins) {
    const message = preFilter?.(pod, view);
    if (message === undefined) continue;
    const rejection = { reasons: [message], unresolvable: true };
    const check = (): PluginRejection => ({ plugin: name, rejection });
    const trial = (): Trial => ({ add() {}, remove() {}, check });
    return { everywhere: { plugin: name, message }, check, trial };
  }
  const prepared = plugins.flatMap((plugin): Prepared[] => {
    if (!plugin.filter) return [];
    if (!plugin.prepareFilter) return [{ plugin, state: undefined }];
    const state = plugin.prepareFilter(pod, nodes, view) as unknown;
    return state === undefined ? [] : [{ plugin, state }];
  });
  return { check: (node) => checkNode(prepared, pod, node), trial: (node) => startTrial(prepared, pod, node) };
}

function checkNode(prepared: readonly Prepared[], pod: PodInfo, node: NodeInfo): PluginRejection | undefined {
  for (const { plugin, state } of prepared) {
    const rejection = plugin.filter?.(state, pod, node);
    if (rejection) return { plugin: plugin.name, rejection };
  }
  return undefined;
}

function startTrial(original: readonly Prepared[], pod: PodInfo, node: NodeInfo): Trial {
  const trial = cloneNodeInfo(node);
  const prepared = original.map((each) => ({ ...each }));
  const counting = prepared.filter(({ plugin }) => plugin.recount);
  const recount = (other: PodInfo, by: 1 | -1): void => {
    for (const each of counting) each.state = each.plugin.recount?.(each.state, pod, trial, other, by);
  };
  return {
    add(other) {
      addPod(trial, other);
      recount(other, 1);
    },
    remove(other) {
      removePod(trial, other.pod.metadata.uid);
      recount(other, -1);
    },
    check: () => checkNode(prepared, pod, trial),
  };
}

/**
 * The pod must fit with and without those that wait for room on the node: they will come, but their presence must not be
 * what lets it fit. Upstream: `RunFilterPluginsWithNominatedPods`.
 */
export function checkWithAndWithout(trial: Trial, waiting: readonly PodInfo[]): PluginRejection | undefined {
  if (waiting.length === 0) return trial.check();
  for (const other of waiting) trial.add(other);
  const rejected = trial.check();
  for (const other of waiting) trial.remove(other);
  return rejected ?? trial.check();
}

/** The pods that wait for room on a node and that the pod has to respect. */
export type NominatedOn = (nodeName: string) => readonly PodInfo[];

/** The nodes that fit, and why the others do not. */
export function findFeasible(
  filters: PodFilters,
  nodes: readonly NodeInfo[],
  nominatedOn: NominatedOn = () => [],
): { nodes: NodeInfo[]; diagnosis: Diagnosis } {
  const diagnosis: Diagnosis = { rejections: new Map(), plugins: new Set() };
  if (filters.everywhere) {
    diagnosis.preFilterMessage = filters.everywhere.message;
    diagnosis.plugins.add(filters.everywhere.plugin);
    return { nodes: [], diagnosis };
  }
  const fitting = nodes.filter((node) => {
    const { name } = node.node.metadata;
    const waiting = nominatedOn(name);
    const rejected = waiting.length ? checkWithAndWithout(filters.trial(node), waiting) : filters.check(node);
    if (!rejected) return true;
    diagnosis.rejections.set(name, rejected.rejection);
    diagnosis.plugins.add(rejected.plugin);
    return false;
  });
  return { nodes: fitting, diagnosis };
}
