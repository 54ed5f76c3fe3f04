/** What a Deployment reports: counts, availability and progress. Upstream: `calculateStatus` and `progress.go`. */
import type { Deployment, DeploymentCondition, DeploymentStatus } from '../../../api/apps/v1/deployment';
import type { ReplicaSet } from '../../../api/apps/v1/replicaset';
import { conditionOf, progressDeadlineMs, reasons, withCondition, withoutCondition } from './conditions';
import { resolveFenceposts } from './fenceposts';
import { totalSpecReplicas, totalStatus } from './replica-sets';

const desiredReplicas = ({ spec }: Deployment): number => spec?.replicas ?? 1;

/** Counts and the Available condition; the other conditions are those of `deployment`. Zeros are left out, as Go does. */
export function calculateStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newReplicaSet: ReplicaSet | undefined,
  now: number,
): DeploymentStatus {
  const available = totalStatus(all, 'availableReplicas');
  const ready = totalStatus(all, 'readyReplicas');
  const replicas = totalStatus(all, 'replicas');
  const updated = newReplicaSet ? totalStatus([newReplicaSet], 'replicas') : 0;
  const unavailable = Math.max(totalSpecReplicas(all) - available, 0);
  const collisionCount = deployment.status?.collisionCount;
  const enough = available >= desiredReplicas(deployment) - resolveFenceposts(deployment).maxUnavailable;
  const conditions = withCondition(
    deployment.status?.conditions,
    enough
      ? {
          type: 'Available',
          status: 'True',
          reason: reasons.minimumReplicasAvailable,
          message: 'Deployment has minimum availability.',
        }
      : {
          type: 'Available',
          status: 'False',
          reason: reasons.minimumReplicasUnavailable,
          message: 'Deployment does not have minimum availability.',
        },
    now,
  );
  return {
    ...(deployment.metadata?.generation && { observedGeneration: deployment.metadata.generation }),
    ...(replicas && { replicas }),
    ...(updated && { updatedReplicas: updated }),
    ...(ready && { readyReplicas: ready }),
    ...(available && { availableReplicas: available }),
    ...(unavailable && { unavailableReplicas: unavailable }),
    terminatingReplicas: totalStatus(all, 'terminatingReplicas'),
    ...(collisionCount !== undefined && { collisionCount }),
    conditions,
  };
}

/** All replicas are of the new template, available, and no others are left. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const desired = desiredReplicas(deployment);
  return (
    (status.updatedReplicas ?? 0) === desired &&
    (status.replicas ?? 0) === desired &&
    (status.availableReplicas ?? 0) === desired &&
    (status.observedGeneration ?? 0) >= (deployment.metadata?.generation ?? 0)
  );
}

/** Fewer old replicas, or more updated, ready or available ones than the Deployment reported last. */
function isProgressing(deployment: Deployment, status: DeploymentStatus): boolean {
  const before = deployment.status ?? {};
  const oldReplicas = (s: DeploymentStatus): number => (s.replicas ?? 0) - (s.updatedReplicas ?? 0);
  return (
    (status.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    oldReplicas(status) < oldReplicas(before) ||
    (status.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (status.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

function hasTimedOut(deployment: Deployment, status: DeploymentStatus, now: number): boolean {
  const condition = conditionOf(status.conditions, 'Progressing');
  const deadlineMs = progressDeadlineMs(deployment);
  if (!condition || deadlineMs === undefined || condition.reason === reasons.newReplicaSetAvailable) return false;
  if (condition.reason === reasons.progressDeadlineExceeded) return true;
  return Date.parse(condition.lastUpdateTime ?? '') + deadlineMs < now;
}

/** `calculateStatus` of a rollout: with the Progressing condition judged and the ReplicaSets' failures taken over. */
export function rolloutStatus(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newReplicaSet: ReplicaSet | undefined,
  now: number,
): DeploymentStatus {
  const status = calculateStatus(deployment, all, newReplicaSet, now);
  const progressed = withProgress(deployment, status, newReplicaSet, now);
  return { ...status, conditions: withReplicaFailure(progressed, all, newReplicaSet, now) };
}

function withProgress(
  deployment: Deployment,
  status: DeploymentStatus,
  newReplicaSet: ReplicaSet | undefined,
  now: number,
): DeploymentCondition[] {
  const { conditions } = status;
  if (progressDeadlineMs(deployment) === undefined) return withoutCondition(conditions, 'Progressing');
  const current = conditionOf(deployment.status?.conditions, 'Progressing');
  // A finished rollout stays finished when pods come and go later.
  if ((status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === reasons.newReplicaSetAvailable) {
    return [...(conditions ?? [])];
  }
  const subject = newReplicaSet
    ? `ReplicaSet "${newReplicaSet.metadata?.name}"`
    : `Deployment "${deployment.metadata?.name}"`;
  const set = (state: 'True' | 'False', reason: string, predicate: string, touch = false): DeploymentCondition[] =>
    withCondition(
      conditions,
      { type: 'Progressing', status: state, reason, message: `${subject} ${predicate}.` },
      now,
      { touch },
    );
  if (isComplete(deployment, status)) {
    return set('True', reasons.newReplicaSetAvailable, 'has successfully progressed');
  }
  if (isProgressing(deployment, status)) return set('True', reasons.replicaSetUpdated, 'is progressing', true);
  if (hasTimedOut(deployment, status, now)) {
    return set('False', reasons.progressDeadlineExceeded, 'has timed out progressing');
  }
  return [...(conditions ?? [])];
}

/** The new ReplicaSet's failure, else that of an old one. */
function withReplicaFailure(
  conditions: DeploymentCondition[],
  all: readonly ReplicaSet[],
  newReplicaSet: ReplicaSet | undefined,
  now: number,
): DeploymentCondition[] {
  const failure = [...(newReplicaSet ? [newReplicaSet] : []), ...all]
    .flatMap(({ status }) => status?.conditions ?? [])
    .find(({ type }) => type === 'ReplicaFailure');
  if (!failure) return withoutCondition(conditions, 'ReplicaFailure');
  const { status, reason, message } = failure;
  return withCondition(conditions, { type: 'ReplicaFailure', status, reason, message }, now);
}

/** When to look again at a rollout that makes no progress, in milliseconds from now. */
export function deadlineCheckMs(deployment: Deployment, status: DeploymentStatus, now: number): number | undefined {
  const condition = conditionOf(status.conditions, 'Progressing');
  const deadlineMs = progressDeadlineMs(deployment);
  if (!condition || deadlineMs === undefined || isComplete(deployment, status)) return undefined;
  if (condition.reason === reasons.progressDeadlineExceeded || deployment.spec?.paused) return undefined;
  return Math.max(Date.parse(condition.lastUpdateTime ?? '') + deadlineMs - now, 0) + 1000;
}
