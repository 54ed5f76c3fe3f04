/**
 * How many replicas each ReplicaSet of a Deployment is to have next, as pure decisions: rolling steps, and proportional
 * scaling when the Deployment itself is resized. Upstream: `rolling.go` and `scale` in `sync.go`.
 */
import type { Deployment } from '../../../api/apps/v1/deployment';
import type { ReplicaSet } from '../../../api/apps/v1/replicaset';
import type { Stored } from '../../../api/meta/types';
import { desiredReplicasAnnotation, integerAnnotation, maxReplicasAnnotation } from './annotations';
import { resolveFenceposts } from './fenceposts';
import {
  bySize,
  findActiveOrLatest,
  isActive,
  oldestFirst,
  type ReplicaSetFamily,
  specReplicas,
  totalSpecReplicas,
  totalStatus,
} from './replica-sets';

export interface ScaleStep {
  replicaSet: Stored<ReplicaSet>;
  replicas: number;
}

/** Replicas of the new ReplicaSet now: as many as the surge allows. `others` are all ReplicaSets but the new one. */
export function newReplicaCount(deployment: Deployment, current: number, others: readonly ReplicaSet[]): number {
  const desired = deployment.spec?.replicas ?? 1;
  if (current > desired || deployment.spec?.strategy?.type === 'Recreate') return desired;
  const room = desired + resolveFenceposts(deployment).maxSurge - totalSpecReplicas(others) - current;
  return room <= 0 ? current : current + Math.min(room, desired - current);
}

/**
 * The next step of a rolling update: the new one grows, the old ones shrink. Empty when nothing may move. Both go into one
 * step, where upstream takes two: what the new one grows by is not available yet, so it changes nothing for the old ones.
 */
export function planRollingStep(
  deployment: Deployment,
  newReplicaSet: Stored<ReplicaSet>,
  old: Stored<ReplicaSet>[],
): ScaleStep[] {
  const replicas = newReplicaCount(deployment, specReplicas(newReplicaSet), old);
  return [
    ...changes([{ replicaSet: newReplicaSet, replicas }]),
    ...planShrinkOld(deployment, newReplicaSet, old.filter(isActive)),
  ];
}

function planShrinkOld(
  deployment: Deployment,
  newReplicaSet: Stored<ReplicaSet>,
  old: Stored<ReplicaSet>[],
): ScaleStep[] {
  const all = [...old, newReplicaSet];
  if (all.some(isFarBehind)) return [];
  const minAvailable = (deployment.spec?.replicas ?? 1) - resolveFenceposts(deployment).maxUnavailable;
  const newUnavailable = specReplicas(newReplicaSet) - stayingAvailable(newReplicaSet);
  const maxScaledDown = totalSpecReplicas(all) - minAvailable - newUnavailable;
  if (maxScaledDown <= 0) return [];

  const sizes = new Map(old.map((replicaSet) => [replicaSet, specReplicas(replicaSet)]));
  const shrink = (replicaSet: Stored<ReplicaSet>, by: number): void => {
    sizes.set(replicaSet, (sizes.get(replicaSet) ?? 0) - by);
  };
  // Unhealthy old replicas go first: they never hold a rollout up and never count as available.
  let cleanup = maxScaledDown;
  for (const replicaSet of oldestFirst(old)) {
    const by = Math.min(cleanup, specReplicas(replicaSet) - stayingAvailable(replicaSet));
    shrink(replicaSet, by);
    cleanup -= by;
  }
  // Then healthy ones, as far as enough stay available.
  let spare = all.reduce((sum, replicaSet) => sum + stayingAvailable(replicaSet), 0) - minAvailable;
  for (const replicaSet of oldestFirst(old)) {
    if (spare <= 0) break;
    const by = Math.min(sizes.get(replicaSet) ?? 0, spare);
    shrink(replicaSet, by);
    spare -= by;
  }
  return changes([...sizes].map(([replicaSet, replicas]) => ({ replicaSet, replicas })));
}

/**
 * Available replicas that are not about to go. Upstream counts all that the status still lists, and so takes too many when
 * a ReplicaSet has not got round to deleting what it was last told to.
 */
const stayingAvailable = (replicaSet: ReplicaSet): number =>
  Math.min(totalStatus([replicaSet], 'availableReplicas'), specReplicas(replicaSet));

/**
 * Told more than one size that its status does not know of: of what was available then it may have deleted some for the
 * first of them, as when a rollout is turned back. Its status comes soon. Upstream does not wait.
 */
const isFarBehind = ({ metadata, status }: Stored<ReplicaSet>): boolean =>
  (metadata.generation ?? 0) - (status?.observedGeneration ?? 0) > 1;

const changes = (steps: ScaleStep[]): ScaleStep[] =>
  steps.filter(({ replicaSet, replicas }) => replicas !== specReplicas(replicaSet));

/** True when the Deployment was resized since its active ReplicaSets were last scaled. */
export function isScalingEvent(deployment: Deployment, all: readonly ReplicaSet[]): boolean {
  return all.filter(isActive).some((replicaSet) => {
    const noted = integerAnnotation(replicaSet, desiredReplicasAnnotation);
    return noted !== undefined && noted !== (deployment.spec?.replicas ?? 1);
  });
}

/**
 * Sizes after the Deployment was resized or paused. In the middle of a rollout the difference is spread over the active
 * ReplicaSets in proportion to their sizes; every one is listed, for its size annotations may change alone.
 */
export function planResize(deployment: Deployment, family: ReplicaSetFamily): ScaleStep[] {
  const desired = deployment.spec?.replicas ?? 1;
  const only = findActiveOrLatest(family);
  if (only) return [{ replicaSet: only, replicas: desired }];
  const { newReplicaSet, old } = family;
  if (newReplicaSet && isSaturated(deployment, newReplicaSet)) {
    return old.filter(isActive).map((replicaSet) => ({ replicaSet, replicas: 0 }));
  }
  if (deployment.spec?.strategy?.type === 'Recreate') return [];
  const active = [...old, ...(newReplicaSet ? [newReplicaSet] : [])].filter(isActive);
  const allowed = desired > 0 ? desired + resolveFenceposts(deployment).maxSurge : 0;
  return spread(deployment, active, allowed - totalSpecReplicas(active));
}

function isSaturated(deployment: Deployment, replicaSet: ReplicaSet): boolean {
  const desired = deployment.spec?.replicas ?? 1;
  return (
    specReplicas(replicaSet) === desired &&
    integerAnnotation(replicaSet, desiredReplicasAnnotation) === desired &&
    totalStatus([replicaSet], 'availableReplicas') === desired
  );
}

/** Leftovers of rounding go to the largest. */
function spread(deployment: Deployment, active: Stored<ReplicaSet>[], toAdd: number): ScaleStep[] {
  let added = 0;
  const steps = bySize(active, toAdd > 0 ? 'newer' : 'older').map((replicaSet) => {
    const share = proportion(deployment, replicaSet, toAdd, added);
    added += share;
    return { replicaSet, replicas: specReplicas(replicaSet) + share };
  });
  const largest = steps[0];
  if (largest) largest.replicas = Math.max(largest.replicas + toAdd - added, 0);
  return steps;
}

function proportion(deployment: Deployment, replicaSet: ReplicaSet, toAdd: number, added: number): number {
  if (toAdd === 0 || toAdd === added) return 0;
  const fraction = sizeFraction(deployment, replicaSet);
  const allowed = toAdd - added;
  return toAdd > 0 ? Math.min(fraction, allowed) : Math.max(fraction, allowed);
}

/** By how much this one would grow if every ReplicaSet grew like the Deployment. */
function sizeFraction(deployment: Deployment, replicaSet: ReplicaSet): number {
  const desired = deployment.spec?.replicas ?? 1;
  const size = specReplicas(replicaSet);
  if (desired === 0) return -size;
  const before = integerAnnotation(replicaSet, maxReplicasAnnotation) || (deployment.status?.replicas ?? 0);
  if (before === 0) return 0;
  return Math.round((size * (desired + resolveFenceposts(deployment).maxSurge)) / before) - size;
}
