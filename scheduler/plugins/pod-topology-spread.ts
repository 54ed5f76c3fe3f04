/**
 * Spreads pods over nodes, zones or any other label's values. Pods of a Service or controller that say nothing spread softly
 * over hosts and zones. Upstream: `plugins/podtopologyspread`.
 */
import { matchesNodeSelector } from '../../api/core/v1/node/affinity';
import { findUntoleratedTaint } from '../../api/core/v1/node/taints';
import type { Pod, TopologySpreadConstraint } from '../../api/core/v1/pod';
import { type Selector, selectorFromLabelSelector } from '../../api/meta/selectors';
import { type ClusterView, maxNodeScore, type Plugin } from '../framework';
import type { NodeInfo, PodInfo } from '../node-info';

const hostname = 'kubernetes.io/hostname';

interface Constraint {
  topologyKey: string;
  maxSkew: number;
  minDomains: number;
  selector: Selector;
  honorAffinity: boolean;
  honorTaints: boolean;
}

function toConstraint(raw: TopologySpreadConstraint, pod: Pod): Constraint {
  const labels = pod.metadata?.labels ?? {};
  const keys = (raw.matchLabelKeys ?? []).filter((key) => labels[key] !== undefined);
  const expressions = keys.map((key) => ({ key, operator: 'In', values: [labels[key] as string] }));
  const labelSelector = raw.labelSelector && {
    ...raw.labelSelector,
    matchExpressions: [...(raw.labelSelector.matchExpressions ?? []), ...expressions],
  };
  return {
    topologyKey: raw.topologyKey,
    maxSkew: raw.maxSkew,
    minDomains: raw.minDomains ?? 1,
    selector: selectorFromLabelSelector(labelSelector),
    honorAffinity: raw.nodeAffinityPolicy !== 'Ignore',
    honorTaints: raw.nodeTaintsPolicy === 'Honor',
  };
}

const constraintsOf = (pod: Pod, when: string): Constraint[] =>
  (pod.spec?.topologySpreadConstraints ?? [])
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === when)
    .map((raw) => toConstraint(raw, pod));

/** Upstream's system defaults. */
const systemConstraints = (selector: Selector): Constraint[] =>
  [
    { topologyKey: hostname, maxSkew: 3 },
    { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5 },
  ].map((each) => ({ ...each, minDomains: 1, selector, honorAffinity: true, honorTaints: false }));

/** Whether a node counts at all for a constraint. */
function countsFor(constraint: Constraint, { pod }: PodInfo, { node }: NodeInfo): boolean {
  if (constraint.honorAffinity && !matchesNodeSelector(pod, node)) return false;
  if (!constraint.honorTaints) return true;
  const hard = ({ effect }: { effect?: string }): boolean => effect === 'NoSchedule' || effect === 'NoExecute';
  return !findUntoleratedTaint(node.spec?.taints, pod.spec?.tolerations, hard);
}

/** Pods that go, or of other namespaces, do not count; nor does an empty selector select any. */
const counts = ({ selector }: Constraint, { pod }: PodInfo, { pod: other }: PodInfo): boolean =>
  !selector.isEmpty &&
  !other.metadata.deletionTimestamp &&
  other.metadata.namespace === pod.metadata.namespace &&
  selector.matches(other.metadata.labels);

function countMatching(constraint: Constraint, pod: PodInfo, node: NodeInfo): number {
  let count = 0;
  for (const other of node.pods.values()) if (counts(constraint, pod, other)) count += 1;
  return count;
}

interface Counted {
  constraint: Constraint;
  /** Matching pods by the label's value. */
  domains: Map<string, number>;
}

function countDomains(
  constraint: Constraint,
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  eligible: (node: NodeInfo) => boolean,
): Counted {
  const domains = new Map<string, number>();
  for (const node of nodes) {
    const value = node.node.metadata.labels?.[constraint.topologyKey];
    if (value === undefined || !eligible(node) || !countsFor(constraint, pod, node)) continue;
    domains.set(value, (domains.get(value) ?? 0) + countMatching(constraint, pod, node));
  }
  return { constraint, domains };
}

const hasKeys = (node: NodeInfo, constraints: readonly Constraint[]): boolean =>
  constraints.every(({ topologyKey }) => node.node.metadata.labels?.[topologyKey] !== undefined);

function recount(state: readonly Counted[], pod: PodInfo, node: NodeInfo, other: PodInfo, by: 1 | -1): Counted[] {
  const constraints = state.map(({ constraint }) => constraint);
  return state.map((counted) => {
    const { constraint, domains } = counted;
    const value = node.node.metadata.labels?.[constraint.topologyKey];
    const eligible = hasKeys(node, constraints) && countsFor(constraint, pod, node);
    if (value === undefined || !eligible || !counts(constraint, pod, other)) return counted;
    return { constraint, domains: new Map(domains).set(value, (domains.get(value) ?? 0) + by) };
  });
}

interface SpreadScore {
  counted: Counted[];
  weights: number[];
  /** Nodes without the keys score nothing. */
  ignored: Set<NodeInfo>;
}

function prepareScore(pod: PodInfo, nodes: readonly NodeInfo[], all: readonly NodeInfo[], view: ClusterView) {
  const stated = constraintsOf(pod.pod, 'ScheduleAnyway');
  const own = (pod.pod.spec?.topologySpreadConstraints ?? []).length > 0;
  const owner = own ? undefined : view.ownerSelector(pod.pod);
  const constraints = own ? stated : owner ? systemConstraints(owner) : [];
  if (!constraints.length) return undefined;
  const ignored = new Set(own ? nodes.filter((node) => !hasKeys(node, constraints)) : []);
  const counted = constraints.map((constraint) =>
    countDomains(constraint, pod, all, (node) => !own || hasKeys(node, constraints)),
  );
  const weights = constraints.map(({ topologyKey }) => {
    const considered = nodes.filter((node) => !ignored.has(node));
    const values = considered.map((node) => node.node.metadata.labels?.[topologyKey]).filter((v) => v !== undefined);
    const size = topologyKey === hostname ? considered.length : new Set(values).size;
    return Math.log(size + 2);
  });
  return { counted, weights, ignored } satisfies SpreadScore;
}

export const podTopologySpread: Plugin = {
  name: 'PodTopologySpread',
  prepareFilter(pod, nodes): Counted[] | undefined {
    const constraints = constraintsOf(pod.pod, 'DoNotSchedule');
    if (!constraints.length) return undefined;
    return constraints.map((each) => countDomains(each, pod, nodes, (node) => hasKeys(node, constraints)));
  },
  recount,
  filter(state: Counted[], pod, node) {
    for (const { constraint, domains } of state) {
      const value = node.node.metadata.labels?.[constraint.topologyKey];
      const reason = "node(s) didn't match pod topology spread constraints";
      if (value === undefined) return { reasons: [`${reason} (missing required label)`], unresolvable: true };
      const self = constraint.selector.matches(pod.pod.metadata.labels) ? 1 : 0;
      const least = domains.size < constraint.minDomains ? 0 : Math.min(...domains.values());
      if ((domains.get(value) ?? 0) + self - (domains.size ? least : 0) > constraint.maxSkew)
        return { reasons: [reason] };
    }
    return undefined;
  },
  weight: 2,
  prepareScore,
  score({ counted, weights, ignored }: SpreadScore, _pod, node) {
    if (ignored.has(node)) return 0;
    return counted.reduce((sum, { constraint, domains }, i) => {
      const value = node.node.metadata.labels?.[constraint.topologyKey];
      if (value === undefined) return sum;
      return sum + (domains.get(value) ?? 0) * (weights[i] ?? 0) + (constraint.maxSkew - 1);
    }, 0);
  },
  normalize(raw, { ignored }: SpreadScore, nodes) {
    const scores = raw.map(Math.round);
    const counting = scores.filter((_, i) => !ignored.has(nodes[i] as NodeInfo));
    const [min, max] = [Math.min(...counting), Math.max(...counting)];
    return scores.map((score, i) => {
      if (ignored.has(nodes[i] as NodeInfo)) return 0;
      return max === 0 ? maxNodeScore : Math.floor((maxNodeScore * (max + min - score)) / max);
    });
  },
  wakes(event, { pod }) {
    // A node that goes may have been the emptiest domain.
    if ('node' in event) return true;
    if (!('pod' in event)) return false;
    const constraints = constraintsOf(pod, 'DoNotSchedule');
    return (
      event.pod.metadata.namespace === pod.metadata.namespace &&
      constraints.some(
        ({ selector }) =>
          selector.matches(event.pod.metadata.labels) ||
          (event.type === 'podUpdated' && selector.matches(event.old.metadata.labels)),
      )
    );
  },
};
