/** What a ReplicaSet reports of its pods. Upstream: `replica_set_utils.go`. */
import type { ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from '../../../api/apps/v1/replicaset';
import type { Pod } from '../../../api/core/v1/pod';
import { isPodAvailable, isPodReady } from '../../../api/core/v1/pod/conditions';
import { deepEqual } from '../../../api/meta/json';
import { selectorFromMap } from '../../../api/meta/selectors';
import type { Stored } from '../../../api/meta/types';
import { formatTime } from '../../../component-base/clock';
import { messageOf } from '../pod-control';

/** The new status. `failure` is what creating or deleting pods ended with. Counts of zero are left out, as Go does. */
export function calculateStatus(
  replicaSet: Stored<ReplicaSet>,
  activePods: readonly Stored<Pod>[],
  terminating: number,
  failure: unknown,
  now: number,
): ReplicaSetStatus {
  const { template, minReadySeconds = 0 } = replicaSet.spec ?? {};
  const templateLabels = selectorFromMap(template?.metadata?.labels ?? {});
  const fullyLabeled = activePods.filter((pod) => templateLabels.matches(pod.metadata.labels)).length;
  const ready = activePods.filter((pod) => isPodReady(pod)).length;
  const available = activePods.filter((pod) => isPodAvailable(pod, minReadySeconds, now)).length;
  const conditions = withFailure(replicaSet, activePods.length, failure, now);
  return {
    replicas: activePods.length,
    ...(fullyLabeled && { fullyLabeledReplicas: fullyLabeled }),
    ...(ready && { readyReplicas: ready }),
    ...(available && { availableReplicas: available }),
    terminatingReplicas: terminating,
    ...(replicaSet.metadata.generation && { observedGeneration: replicaSet.metadata.generation }),
    ...(conditions.length && { conditions }),
  };
}

/** The condition keeps its first message while the failure lasts. */
function withFailure(
  { spec, status }: Stored<ReplicaSet>,
  actual: number,
  failure: unknown,
  now: number,
): ReplicaSetCondition[] {
  const conditions = status?.conditions ?? [];
  const others = conditions.filter(({ type }) => type !== 'ReplicaFailure');
  if (failure === undefined) return others;
  if (others.length < conditions.length) return conditions;
  return [
    ...others,
    {
      type: 'ReplicaFailure',
      status: 'True',
      reason: actual < (spec?.replicas ?? 1) ? 'FailedCreate' : 'FailedDelete',
      message: messageOf(failure),
      lastTransitionTime: formatTime(now),
    },
  ];
}

export const sameStatus = (replicaSet: ReplicaSet, status: ReplicaSetStatus): boolean =>
  deepEqual(withZeros(replicaSet.status), withZeros(status));

const withZeros = (status: ReplicaSetStatus | undefined): unknown => ({
  replicas: 0,
  fullyLabeledReplicas: 0,
  readyReplicas: 0,
  availableReplicas: 0,
  terminatingReplicas: 0,
  observedGeneration: 0,
  conditions: [],
  ...status,
});

/** When the next ready pod becomes available, in milliseconds from now; undefined when none is on its way. */
export function nextAvailabilityCheckMs(
  activePods: readonly Pod[],
  minReadySeconds: number,
  now: number,
): number | undefined {
  if (minReadySeconds <= 0) return undefined;
  const waits = activePods
    .filter((pod) => isPodReady(pod) && !isPodAvailable(pod, minReadySeconds, now))
    .map((pod) => pod.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime)
    .filter((since) => since !== undefined)
    .map((since) => Math.max(Date.parse(since) + minReadySeconds * 1000 - now, 0) + 1);
  return waits.length ? Math.min(...waits) : undefined;
}
