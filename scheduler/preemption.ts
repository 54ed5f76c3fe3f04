/**
 * Which pods of lower priority would have to go so that a pod fits somewhere. Only the plan: nothing is evicted here.
 * Upstream: `pkg/scheduler/framework/preemption` and `plugins/defaultpreemption`.
 */
import type { PodDisruptionBudget } from '../api/policy/v1/poddisruptionbudget';
import { selectorFromLabelSelector } from '../api/meta/selectors';
import type { Stored } from '../api/meta/types';
import { checkWithAndWithout, type NominatedOn, type PodFilters } from './filters';
import { fitErrorMessage, type Rejection } from './framework';
import type { NodeInfo, PodInfo } from './node-info';

/** The condition of a pod that goes to make room, and its reason. */
export const disruptionTarget = 'DisruptionTarget';
export const preemptionReason = 'PreemptionByScheduler';

export interface PreemptionPlan {
  nodeName: string;
  victims: PodInfo[];
}

export interface PreemptionInput {
  pod: PodInfo;
  nodes: readonly NodeInfo[];
  /** Why each node rejected the pod. */
  rejections: ReadonlyMap<string, Rejection>;
  filters: PodFilters;
  nominatedOn: NominatedOn;
  budgets: readonly Stored<PodDisruptionBudget>[];
}

interface Candidate extends PreemptionPlan {
  violations: number;
}

/** Why there is no plan, as it stands after `preemption: ` in events. */
export interface NoPreemption {
  message: string;
  /** An earlier plan for the pod is still under way: its nomination stays. */
  keepNomination?: boolean;
}

export function planPreemption(input: PreemptionInput): PreemptionPlan | NoPreemption {
  const { pod, nodes, rejections } = input;
  if (pod.pod.spec?.preemptionPolicy === 'Never') {
    return { message: 'not eligible due to preemptionPolicy=Never.' };
  }
  if (victimsAreLeaving(input)) {
    return { message: 'not eligible due to a terminating pod on the nominated node.', keepNomination: true };
  }

  const candidates: Candidate[] = [];
  const reasons = new Map<string, Rejection>();
  for (const node of nodes) {
    const { name } = node.node.metadata;
    const rejection = rejections.get(name);
    if (!rejection || rejection.unresolvable) {
      reasons.set(name, { reasons: ['Preemption is not helpful for scheduling'] });
      continue;
    }
    const found = selectVictims(input, node);
    if ('reasons' in found) reasons.set(name, found);
    else candidates.push(found);
  }
  const best = candidates.reduce<Candidate | undefined>((a, b) => (a && !isBetter(b, a) ? a : b), undefined);
  return best ?? { message: fitErrorMessage({ rejections: reasons }, nodes.length) };
}

/** Pods leave the nominated node to make room for this one, and there it can go. */
function victimsAreLeaving({ pod, nodes, rejections }: PreemptionInput): boolean {
  const nominated = nodes.find(({ node }) => node.metadata.name === pod.pod.status?.nominatedNodeName);
  const rejection = nominated && rejections.get(nominated.node.metadata.name);
  if (!rejection || rejection.unresolvable) return false;
  return [...nominated.pods.values()].some((other) => other.priority < pod.priority && isPreempted(other));
}

const isPreempted = ({ pod: { metadata, status } }: PodInfo): boolean =>
  metadata.deletionTimestamp !== undefined &&
  (status?.conditions ?? []).some(
    (condition) =>
      condition.type === disruptionTarget && condition.status === 'True' && condition.reason === preemptionReason,
  );

/** Takes all lower pods away, then gives back, most important first, whoever need not go; pods with a budget first. */
function selectVictims(input: PreemptionInput, node: NodeInfo): Candidate | Rejection {
  const { pod, filters, nominatedOn, budgets } = input;
  const lower = [...node.pods.values()].filter((other) => other.priority < pod.priority);
  if (lower.length === 0) return { reasons: ['No preemption victims found for incoming pod'] };
  const { name: nodeName } = node.node.metadata;
  const waiting = nominatedOn(nodeName);
  const trial = filters.trial(node);
  const rejected = (): Rejection | undefined => checkWithAndWithout(trial, waiting)?.rejection;

  for (const other of lower) trial.remove(other);
  const still = rejected();
  if (still) return still;

  lower.sort(byImportance);
  const { violating, others: free } = splitByBudget(lower, budgets);
  const victims: PodInfo[] = [];
  let violations = 0;
  const reprieve = (other: PodInfo): boolean => {
    trial.add(other);
    if (!rejected()) return true;
    trial.remove(other);
    victims.push(other);
    return false;
  };
  for (const other of violating) if (!reprieve(other)) violations += 1;
  for (const other of free) reprieve(other);
  victims.sort(byImportance);
  return { nodeName, victims, violations };
}

const startedAt = ({ pod }: PodInfo): string => pod.status?.startTime ?? pod.metadata.creationTimestamp;

/** Higher priority first, then those that run for longer. Times of one format compare as text. */
function byImportance(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  const [since, other] = [startedAt(a), startedAt(b)];
  return since < other ? -1 : since > other ? 1 : 0;
}

/** Pods whose eviction would break a budget, counting down what each budget still allows. */
function splitByBudget(
  pods: readonly PodInfo[],
  budgets: readonly Stored<PodDisruptionBudget>[],
): { violating: PodInfo[]; others: PodInfo[] } {
  const allowed = budgets.map((budget) => ({
    budget,
    selector: selectorFromLabelSelector(budget.spec?.selector),
    left: budget.status?.disruptionsAllowed ?? 0,
  }));
  const violating: PodInfo[] = [];
  const others: PodInfo[] = [];
  for (const info of pods) {
    const { namespace, labels, name } = info.pod.metadata;
    const matching = allowed.filter(
      ({ budget, selector }) =>
        budget.metadata.namespace === namespace &&
        Object.keys(labels ?? {}).length > 0 &&
        !selector.isEmpty &&
        selector.matches(labels) &&
        budget.status?.disruptedPods?.[name] === undefined,
    );
    for (const each of matching) each.left -= 1;
    (matching.some(({ left }) => left < 0) ? violating : others).push(info);
  }
  return { violating, others };
}

/** Upstream's order: fewest budget violations, lowest top priority, lowest sum, fewest victims, latest start of the top. */
function isBetter(a: Candidate, b: Candidate): boolean {
  const rank = ({ violations, victims }: Candidate): number[] => {
    const top = victims[0];
    const sum = victims.reduce((total, { priority }) => total + priority + 2 ** 31, 0);
    const tops = victims.filter(({ priority }) => priority === top?.priority);
    const earliest = Math.min(...tops.map((each) => Date.parse(startedAt(each))));
    return [violations, top?.priority ?? -Infinity, sum, victims.length, -earliest];
  };
  const [ra, rb] = [rank(a), rank(b)];
  const differs = ra.findIndex((value, i) => value !== rb[i]);
  return differs >= 0 && (ra[differs] as number) < (rb[differs] as number);
}
