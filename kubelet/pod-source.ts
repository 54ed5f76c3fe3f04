/**
 * Where pods come from: the API's watch for this node and the static manifests. Feeds the workers, keeps mirror pods in the API,
 * and finds what is left of pods that nobody wants any more.
 */
import type { Pod } from '../api/core/v1/pod';
import { deepEqual } from '../api/meta/json';
import type { Stored } from '../api/meta/types';
import type { Informer } from '../client/informer';
import type { RestClient } from '../client/rest-client';
import type { Clock } from '../component-base/clock';
import type { Logger } from '../component-base/logger';
import type { AllocationManager } from './allocation/allocation-manager';
import { isMirrorOf, isMirrorPod, isStaticPod } from './config/static-pods';
import { createMirrorPods, podKeyOf } from './mirror-pods';
import type { PodNetwork } from './network/pod-network';
import type { PodWorkers } from './pod-workers';
import type { PodCache } from './pods/pod-cache';
import type { StatusManager } from './status-manager';
import type { VolumeManager } from './volumes/volume-manager';

export interface PodSourceDeps {
  informer: Informer<Pod>;
  client: RestClient;
  workers: PodWorkers;
  statuses: StatusManager;
  allocations: AllocationManager;
  cache: PodCache;
  volumes: VolumeManager;
  network: PodNetwork;
  clock: Clock;
  log: Logger;
  nodeUid(): string | undefined;
}

export interface PodSource {
  /** Starts feeding the workers. Call when the watch and the manifests are complete. */
  start(): void;
  setStaticPods(list: Pod[]): void;
  /** The API's object of a pod: itself, or a static pod's mirror. */
  current(pod: Pod): Stored<Pod> | undefined;
  /** Ends orphaned pods, deletes orphaned volumes, files and addresses, repairs mirror pods. */
  sweep(): Promise<void>;
}

/** Changes that a worker must act upon; the rest is our own status coming back. */
export function asksForSync(pod: Pod, old: Pod): boolean {
  const wanted = ({ metadata, spec, status }: Pod): unknown => ({
    spec,
    labels: metadata?.labels,
    annotations: metadata?.annotations,
    deletion: metadata?.deletionTimestamp,
    grace: metadata?.deletionGracePeriodSeconds,
    gates: spec?.readinessGates && status?.conditions,
  });
  return !deepEqual(wanted(pod), wanted(old));
}

export function createPodSource(deps: PodSourceDeps): PodSource {
  const { informer, workers, statuses, cache, volumes, log } = deps;
  let started = false;
  let staticPods: Pod[] = [];
  const mirrors = createMirrorPods({ ...deps, staticPods: () => staticPods });

  const staticFor = (mirror: Pod): Pod | undefined => staticPods.find((pod) => podKeyOf(pod) === podKeyOf(mirror));
  const identityOf = ({ metadata }: Pod) => ({
    uid: metadata?.uid ?? '',
    name: metadata?.name ?? '',
    namespace: metadata?.namespace ?? '',
  });

  function upsert(pod: Stored<Pod>, old?: Stored<Pod>): void {
    if (!started) return;
    if (isMirrorPod(pod)) {
      const own = staticFor(pod);
      if (own && !pod.metadata.deletionTimestamp) statuses.observe(own.metadata?.uid ?? '');
      else void mirrors.sync();
      return;
    }
    // After a gap in the watch a pod of the same name may be another one.
    if (old && old.metadata.uid !== pod.metadata.uid) remove(old);
    if (old && old.metadata.uid === pod.metadata.uid && !asksForSync(pod, old)) {
      workers.refresh(pod);
      statuses.observe(pod.metadata.uid);
    } else workers.update(pod);
  }

  function remove(pod: Stored<Pod>): void {
    if (!started) return;
    if (isMirrorPod(pod)) return mirrors.deleted(pod);
    workers.remove(identityOf(pod));
    statuses.forget(pod.metadata.uid);
  }

  informer.addEventHandler({ add: (pod) => upsert(pod), update: upsert, delete: remove });

  function current(pod: Pod): Stored<Pod> | undefined {
    const found = informer.lister.get(podKeyOf(pod));
    if (!found) return undefined;
    if (isStaticPod(pod)) return isMirrorOf(found, pod) ? found : undefined;
    return found.metadata.uid === pod.metadata?.uid ? found : undefined;
  }

  return {
    current,
    start() {
      started = true;
      for (const pod of staticPods) workers.update(pod);
      for (const pod of informer.lister.list()) upsert(pod);
      // Who may grow is judged only once everybody who holds something is known.
      deps.allocations.start();
    },
    setStaticPods(list) {
      const missingFrom = (others: Pod[]) => (pod: Pod) =>
        !others.some(({ metadata }) => metadata?.uid === pod.metadata?.uid);
      const gone = staticPods.filter(missingFrom(list));
      const added = list.filter(missingFrom(staticPods));
      staticPods = list;
      if (!started) return;
      for (const pod of gone) workers.remove(identityOf(pod));
      for (const pod of added) workers.update(pod);
      void mirrors.sync();
    },
    async sweep() {
      for (const identity of cache.pods()) if (!workers.has(identity.uid)) workers.remove(identity);
      const withContainers = new Set(cache.pods().map(({ uid }) => uid));
      for (const uid of await volumes.podsOnDisk()) {
        if (workers.has(uid) || withContainers.has(uid)) continue;
        await volumes
          .cleanUp(uid)
          .catch((error: unknown) => log.warn({ err: error, uid }, 'Cleaning up volumes failed'));
      }
      volumes.deleteRemoved();
      const sandboxes = cache.pods().flatMap((pod) => cache.status(pod).sandboxes.map(({ id }) => id));
      await deps.network.collect(new Set(sandboxes));
      if (started) await mirrors.sync();
    },
  };
}
