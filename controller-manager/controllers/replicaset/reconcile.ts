/** One look at one ReplicaSet: claim its pods, create or delete the difference, report what is there. */
import { type ReplicaSet, replicaSets } from '../../../api/apps/v1/replicaset';
import { type Pod, pods } from '../../../api/core/v1/pod';
import { isPodTerminal } from '../../../api/core/v1/pod/conditions';
import { getControllerOf } from '../../../api/meta/controller-ref';
import { selectorFromLabelSelector } from '../../../api/meta/selectors';
import { isNotFound } from '../../../api/meta/status-error';
import { keyOf, type Stored } from '../../../api/meta/types';
import type { ReconcileResult } from '../../../client/controller';
import type { Expectations } from '../../../client/expectations';
import type { Lister } from '../../../client/informer';
import type { RestClient } from '../../../client/rest-client';
import type { Clock } from '../../../component-base/clock';
import { claimObjects } from '../claim-objects';
import { controllerIndex, ownedOrOrphan } from '../owned-objects';
import { isNamespaceTerminating, type PodControl } from '../pod-control';
import { slowStartBatch } from '../slow-start';
import { choosePodsToDelete } from './rank-pods';
import { calculateStatus, nextAvailabilityCheckMs, sameStatus } from './status';

export interface ReplicaSetContext {
  client: RestClient;
  clock: Clock;
  expectations: Expectations;
  podControl: PodControl;
  podLister: Lister<Pod>;
  replicaSetLister: Lister<ReplicaSet>;
}

/** Pods created or deleted in one go (upstream `BurstReplicas`). */
const burstReplicas = 500;

export async function reconcileReplicaSet(context: ReplicaSetContext, key: string): Promise<ReconcileResult> {
  const { client, clock, expectations, podLister } = context;
  const replicaSet = context.replicaSetLister.get(key);
  if (!replicaSet) return expectations.delete(key);
  // Pods asked for earlier and not seen yet must not be asked for again.
  const needsSync = expectations.satisfied(key);

  const selector = selectorFromLabelSelector(replicaSet.spec?.selector);
  const candidates = ownedOrOrphan(podLister, replicaSet).filter((pod) => !isPodTerminal(pod));
  const activePods = await claimObjects({
    client,
    owner: replicaSet,
    ownerDefinition: replicaSets,
    definition: pods,
    selector,
    objects: candidates.filter((pod) => !pod.metadata.deletionTimestamp),
  });
  const terminatingPods = candidates.filter(
    (pod) =>
      pod.metadata.deletionTimestamp &&
      getControllerOf(pod)?.uid === replicaSet.metadata.uid &&
      selector.matches(pod.metadata.labels),
  );

  let failure: unknown;
  if (needsSync && !replicaSet.metadata.deletionTimestamp) {
    failure = await manageReplicas(context, replicaSet, activePods);
  }

  // What was told to go does not count any more, seen or not: a Deployment relies on what it reads here.
  const staying = activePods.filter((pod) => !expectations.expectsDeletion(key, keyOf(pod)));
  const now = clock.now();
  const minReadySeconds = replicaSet.spec?.minReadySeconds ?? 0;
  const status = calculateStatus(replicaSet, staying, terminatingPods.length, failure, now);
  if (!sameStatus(replicaSet, status)) {
    await client.updateStatus(replicaSets, { ...replicaSet, status }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
  if (failure !== undefined) throw failure;
  const recheckMs = nextAvailabilityCheckMs(staying, minReadySeconds, now);
  if (recheckMs !== undefined) return { requeueAfterMs: recheckMs };
}

/** Creates or deletes pods; gives the failure, for the status to report before it is thrown. */
async function manageReplicas(
  context: ReplicaSetContext,
  replicaSet: Stored<ReplicaSet>,
  activePods: readonly Stored<Pod>[],
): Promise<unknown> {
  const missing = (replicaSet.spec?.replicas ?? 1) - activePods.length;
  if (missing > 0) return createPods(context, replicaSet, Math.min(missing, burstReplicas));
  if (missing < 0) return deletePods(context, replicaSet, activePods, Math.min(-missing, burstReplicas));
  return undefined;
}

async function createPods(
  { expectations, podControl }: ReplicaSetContext,
  replicaSet: Stored<ReplicaSet>,
  count: number,
): Promise<unknown> {
  const key = keyOf(replicaSet);
  const template = replicaSet.spec?.template ?? {};
  expectations.expectCreations(key, count);
  const { successes, error } = await slowStartBatch(count, 1, async () => {
    try {
      await podControl.create(template, replicaSet, replicaSets);
    } catch (failure) {
      // Everything in the namespace is about to go: no use in retrying. The expectation runs out by itself.
      if (!isNamespaceTerminating(failure)) throw failure;
    }
  });
  // Those that failed or were skipped will never be seen.
  for (let i = successes; i < count; i++) expectations.creationObserved(key);
  return error;
}

async function deletePods(
  context: ReplicaSetContext,
  replicaSet: Stored<ReplicaSet>,
  activePods: readonly Stored<Pod>[],
  count: number,
): Promise<unknown> {
  const { clock, expectations, podControl } = context;
  const key = keyOf(replicaSet);
  const chosen = choosePodsToDelete(activePods, relatedPods(context, replicaSet), count, clock.now());
  expectations.expectDeletions(key, chosen.map(keyOf));
  const failures = await Promise.all(
    chosen.map(async (pod): Promise<unknown> => {
      try {
        await podControl.delete(pod, replicaSet);
        return undefined;
      } catch (error) {
        expectations.deletionObserved(key, keyOf(pod));
        return isNotFound(error) ? undefined : error;
      }
    }),
  );
  return failures.find((failure) => failure !== undefined);
}

/** The pods of all ReplicaSets that share this one's controller: old and new ones of one Deployment. */
function relatedPods(
  { podLister, replicaSetLister }: ReplicaSetContext,
  replicaSet: Stored<ReplicaSet>,
): Stored<Pod>[] {
  const controller = getControllerOf(replicaSet);
  const siblings = controller ? replicaSetLister.byIndex(controllerIndex, controller.uid) : [replicaSet];
  return siblings.flatMap((sibling) => podLister.byIndex(controllerIndex, sibling.metadata.uid));
}
