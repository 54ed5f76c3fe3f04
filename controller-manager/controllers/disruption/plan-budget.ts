/** How many of a budget's pods may be evicted now, as a pure computation. Upstream: `disruption.go`. */
import type { Pod } from '../../../api/core/v1/pod';
import { isPodReady } from '../../../api/core/v1/pod/conditions';
import { setCondition } from '../../../api/meta/conditions';
import { scaledValueFromIntOrPercent } from '../../../api/meta/int-or-string';
import { cloneJson } from '../../../api/meta/json';
import type { Stored } from '../../../api/meta/types';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../../api/policy/v1/poddisruptionbudget';
import { formatTime } from '../../../component-base/clock';

/** An eviction that was granted and whose pod is still not being deleted counts as undone after this. */
export const deletionTimeoutMs = 2 * 60 * 1000;

type DisruptedPods = Record<string, string>;

export interface DisruptedPlan {
  disruptedPods: DisruptedPods;
  /** Pods whose eviction was granted and never carried out. */
  notDeleted: Stored<Pod>[];
  /** When the next entry runs out. */
  recheckAtMs?: number;
}

/** Entries of `status.disruptedPods` that still count. */
export function planDisruptedPods(
  budget: PodDisruptionBudget,
  pods: readonly Stored<Pod>[],
  now: number,
): DisruptedPlan {
  const plan: DisruptedPlan = { disruptedPods: {}, notDeleted: [] };
  for (const pod of pods) {
    const time = budget.status?.disruptedPods?.[pod.metadata.name];
    if (time === undefined || pod.metadata.deletionTimestamp) continue;
    const deadline = Date.parse(time) + deletionTimeoutMs;
    if (deadline < now) {
      plan.notDeleted.push(pod);
    } else {
      plan.disruptedPods[pod.metadata.name] = time;
      plan.recheckAtMs = Math.min(plan.recheckAtMs ?? Infinity, deadline);
    }
  }
  return plan;
}

export const countHealthy = (pods: readonly Stored<Pod>[], disruptedPods: DisruptedPods): number =>
  pods.filter(
    (pod) => !pod.metadata.deletionTimestamp && disruptedPods[pod.metadata.name] === undefined && isPodReady(pod),
  ).length;

export interface Expectation {
  expectedPods: number;
  desiredHealthy: number;
}

/** `scale` is the number of pods the controllers want; it is needed unless minAvailable is a plain number. */
export function expectation({ spec }: PodDisruptionBudget, podCount: number, scale: number): Expectation {
  if (spec?.maxUnavailable !== undefined) {
    const maxUnavailable = scaledValueFromIntOrPercent(spec.maxUnavailable, scale, true);
    return { expectedPods: scale, desiredHealthy: Math.max(scale - maxUnavailable, 0) };
  }
  if (typeof spec?.minAvailable === 'string') {
    return { expectedPods: scale, desiredHealthy: scaledValueFromIntOrPercent(spec.minAvailable, scale, true) };
  }
  return { expectedPods: podCount, desiredHealthy: spec?.minAvailable ?? 0 };
}

export const needsScale = ({ spec }: PodDisruptionBudget): boolean =>
  spec?.maxUnavailable !== undefined || typeof spec?.minAvailable === 'string';

/** Expecting no pods allows nothing: the first ones may appear before the next computation. */
export function budgetStatus(
  budget: Stored<PodDisruptionBudget>,
  { expectedPods, desiredHealthy }: Expectation,
  currentHealthy: number,
  disruptedPods: DisruptedPods,
  now: number,
): PodDisruptionBudgetStatus {
  const disruptionsAllowed = expectedPods <= 0 ? 0 : Math.max(currentHealthy - desiredHealthy, 0);
  const conditions = cloneJson([...(budget.status?.conditions ?? [])]);
  const condition = {
    type: 'DisruptionAllowed',
    status: disruptionsAllowed > 0 ? 'True' : 'False',
    reason: disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    observedGeneration: budget.metadata.generation ?? 0,
    lastTransitionTime: formatTime(now),
  };
  setCondition(conditions, condition, formatTime(now));
  return {
    currentHealthy,
    desiredHealthy,
    expectedPods,
    disruptionsAllowed,
    ...(Object.keys(disruptedPods).length && { disruptedPods }),
    observedGeneration: budget.metadata.generation ?? 0,
    conditions,
  };
}

/** When nothing can be computed nothing may be evicted. */
export function failSafeStatus(
  budget: Stored<PodDisruptionBudget>,
  message: string,
  now: number,
): PodDisruptionBudgetStatus {
  const { currentHealthy = 0, desiredHealthy = 0, expectedPods = 0, ...rest } = budget.status ?? {};
  const conditions = cloneJson([...(budget.status?.conditions ?? [])]);
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    reason: 'SyncFailed',
    message,
    observedGeneration: budget.status?.observedGeneration ?? 0,
    lastTransitionTime: formatTime(now),
  };
  setCondition(conditions, condition, formatTime(now));
  return { ...rest, currentHealthy, desiredHealthy, expectedPods, disruptionsAllowed: 0, conditions };
}
