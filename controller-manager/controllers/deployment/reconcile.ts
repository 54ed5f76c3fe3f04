/** One look at one Deployment: move its ReplicaSets one step towards the template, then report. */
import { type Deployment, deployments, type DeploymentStatus } from '../../../api/apps/v1/deployment';
import { type ReplicaSet, replicaSets } from '../../../api/apps/v1/replicaset';
import { type Pod } from '../../../api/core/v1/pod';
import { isPodTerminal } from '../../../api/core/v1/pod/conditions';
import { deepEqual } from '../../../api/meta/json';
import { selectorFromLabelSelector } from '../../../api/meta/selectors';
import { isNotFound } from '../../../api/meta/status-error';
import type { Stored } from '../../../api/meta/types';
import type { ReconcileResult } from '../../../client/controller';
import type { EventRecorder } from '../../../client/event-recorder';
import type { Lister } from '../../../client/informer';
import type { OwnWrites } from '../../../client/own-writes';
import type { RestClient } from '../../../client/rest-client';
import type { Clock } from '../../../component-base/clock';
import type { Logger } from '../../../component-base/logger';
import { claimObjects } from '../claim-objects';
import { controllerIndex, ownedOrOrphan } from '../owned-objects';
import { revisionAnnotation, sizeAnnotations } from './annotations';
import { planCleanup } from './cleanup';
import { withPausedCondition } from './conditions';
import { syncNewReplicaSet } from './new-replica-set';
import { isScalingEvent, planResize, planRollingStep, type ScaleStep } from './plan-scale';
import { isActive, type ReplicaSetFamily, specReplicas, splitReplicaSets, totalStatus } from './replica-sets';
import { calculateStatus, deadlineCheckMs, isComplete, rolloutStatus } from './status';

export interface DeploymentContext {
  client: RestClient;
  clock: Clock;
  log: Logger;
  recorder: EventRecorder;
  deploymentLister: Lister<Deployment>;
  replicaSetLister: Lister<ReplicaSet>;
  /** What was written to ReplicaSets and `replicaSetLister` may not know yet. */
  replicaSetWrites: OwnWrites<ReplicaSet>;
  podLister: Lister<Pod>;
}

export async function reconcileDeployment(context: DeploymentContext, key: string): Promise<ReconcileResult> {
  const { client, clock } = context;
  const cached = context.deploymentLister.get(key);
  if (!cached) return;
  const selector = selectorFromLabelSelector(cached.spec?.selector);
  if (selector.isEmpty) return refuseEmptySelector(context, cached);
  const all = await claimObjects({
    client,
    owner: cached,
    ownerDefinition: deployments,
    definition: replicaSets,
    selector,
    objects: ownedOrOrphan(context.replicaSetLister, cached).map((each) => context.replicaSetWrites.newest(each)),
  });

  // Steps edit the draft's annotations and conditions; it is written once, at the end.
  const draft: Stored<Deployment> = { ...cached };
  const outcome = await takeStep(context, draft, all);
  const now = clock.now();
  const { newReplicaSet, old } = outcome.family;
  const family = newReplicaSet ? [...old, newReplicaSet] : old;
  const status = (outcome.rollout ? rolloutStatus : calculateStatus)(draft, family, newReplicaSet, now);
  await writeStatus(context, cached, draft, status);
  const recheckMs = deadlineCheckMs(draft, status, now);
  if (recheckMs !== undefined) return { requeueAfterMs: recheckMs };
}

interface StepOutcome {
  family: ReplicaSetFamily;
  /** Whether progress is to be judged: not while deleting, paused or resizing. */
  rollout: boolean;
}

async function takeStep(
  context: DeploymentContext,
  draft: Stored<Deployment>,
  all: readonly Stored<ReplicaSet>[],
): Promise<StepOutcome> {
  const family = splitReplicaSets(draft, all);
  if (draft.metadata.deletionTimestamp) return { family, rollout: false };
  draft.status = { ...draft.status, conditions: withPausedCondition(draft, context.clock.now()) };
  if (draft.spec?.paused || isScalingEvent(draft, all)) {
    const synced = await syncNewReplicaSet(context, draft, family, false);
    const resized = await applySteps(context, draft, synced, planResize(draft, synced));
    if (draft.spec?.paused) await cleanUp(context, draft, resized.old);
    return { family: resized, rollout: false };
  }
  const step = draft.spec?.strategy?.type === 'Recreate' ? recreate : roll;
  return { family: await step(context, draft, family), rollout: true };
}

async function roll(
  context: DeploymentContext,
  draft: Stored<Deployment>,
  family: ReplicaSetFamily,
): Promise<ReplicaSetFamily> {
  const synced = await syncNewReplicaSet(context, draft, family, true);
  const steps = synced.newReplicaSet ? planRollingStep(draft, synced.newReplicaSet, synced.old) : [];
  if (!steps.length && isComplete(draft, draft.status ?? {})) await cleanUp(context, draft, synced.old);
  return applySteps(context, draft, synced, steps);
}

/** All old pods must be gone before the first new one is made. */
async function recreate(
  context: DeploymentContext,
  draft: Stored<Deployment>,
  family: ReplicaSetFamily,
): Promise<ReplicaSetFamily> {
  const synced = await syncNewReplicaSet(context, draft, family, false);
  const shrink = synced.old.filter(isActive).map((replicaSet) => ({ replicaSet, replicas: 0 }));
  if (shrink.length) return applySteps(context, draft, synced, shrink);
  if (oldPodsRunning(context, synced)) return synced;
  const complete = await syncNewReplicaSet(context, draft, synced, true);
  const { newReplicaSet, old } = complete;
  const replicas = draft.spec?.replicas ?? 1;
  const grow =
    newReplicaSet && specReplicas(newReplicaSet) !== replicas ? [{ replicaSet: newReplicaSet, replicas }] : [];
  if (!grow.length && isComplete(draft, draft.status ?? {})) await cleanUp(context, draft, old);
  return applySteps(context, draft, complete, grow);
}

/** Pods that end by themselves do not count; pods that are being deleted do, until they are gone. */
function oldPodsRunning({ podLister }: DeploymentContext, { old }: ReplicaSetFamily): boolean {
  if (totalStatus(old, 'replicas') > 0) return true;
  return old.some((replicaSet) =>
    podLister.byIndex(controllerIndex, replicaSet.metadata.uid).some((pod) => !isPodTerminal(pod)),
  );
}

async function applySteps(
  context: DeploymentContext,
  draft: Stored<Deployment>,
  family: ReplicaSetFamily,
  steps: readonly ScaleStep[],
): Promise<ReplicaSetFamily> {
  let { newReplicaSet, old } = family;
  for (const step of steps) {
    const updated = await scaleReplicaSet(context, draft, step);
    if (step.replicaSet === newReplicaSet) newReplicaSet = updated;
    old = old.map((replicaSet) => (replicaSet === step.replicaSet ? updated : replicaSet));
  }
  return { ...(newReplicaSet && { newReplicaSet }), old };
}

async function scaleReplicaSet(
  { client, recorder, replicaSetWrites }: DeploymentContext,
  draft: Stored<Deployment>,
  { replicaSet, replicas }: ScaleStep,
): Promise<Stored<ReplicaSet>> {
  const before = specReplicas(replicaSet);
  const annotations = { ...replicaSet.metadata.annotations, ...sizeAnnotations(draft) };
  if (before === replicas && deepEqual(annotations, replicaSet.metadata.annotations)) return replicaSet;
  const updated = await client.update(replicaSets, {
    ...replicaSet,
    metadata: { ...replicaSet.metadata, annotations },
    spec: { ...replicaSet.spec!, replicas },
  });
  replicaSetWrites.note(updated);
  if (before !== replicas) {
    const direction = replicas > before ? 'up' : 'down';
    const message = `Scaled ${direction} replica set ${replicaSet.metadata.name} from ${before} to ${replicas}`;
    recorder.event(draft, 'Normal', 'ScalingReplicaSet', message);
  }
  return updated;
}

async function cleanUp(
  { client }: DeploymentContext,
  draft: Stored<Deployment>,
  old: readonly Stored<ReplicaSet>[],
): Promise<void> {
  for (const { metadata } of planCleanup(draft, old)) {
    try {
      await client.delete(replicaSets, metadata.name, metadata.namespace, { preconditions: { uid: metadata.uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** The revision annotation goes with the status, as upstream's status strategy allows. */
async function writeStatus(
  { client }: DeploymentContext,
  cached: Stored<Deployment>,
  draft: Stored<Deployment>,
  status: DeploymentStatus,
): Promise<void> {
  const sameRevision =
    cached.metadata.annotations?.[revisionAnnotation] === draft.metadata.annotations?.[revisionAnnotation];
  if (sameRevision && deepEqual(cached.status, status)) return;
  try {
    await client.updateStatus(deployments, { ...draft, status });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

async function refuseEmptySelector(context: DeploymentContext, deployment: Stored<Deployment>): Promise<void> {
  const message = 'This deployment is selecting all pods. A non-empty selector is required.';
  context.recorder.event(deployment, 'Warning', 'SelectingAll', message);
  const { generation = 0 } = deployment.metadata;
  if ((deployment.status?.observedGeneration ?? 0) >= generation) return;
  const status = { ...deployment.status, observedGeneration: generation };
  await context.client.updateStatus(deployments, { ...deployment, status });
}
