/**
 * Where pods come from: the API's watch for this node and the static manifests. Feeds the workers, keeps mirror pods in the API,
 * and finds what is left of pods that nobody wants any more.
 */
import { type Pod, pods } from '../api/core/v1/pod';
import { deepEqual } from '../api/meta/json';
import { isAlreadyExists, isNotFound } from '../api/meta/status-error';
import type { Stored } from '../api/meta/types';
import type { Informer } from '../client/informer';
import type { RestClient } from '../client/rest-client';
import type { Logger } from '../component-base/logger';
import { hashAnnotation, isMirrorPod, isStaticPod, mirrorAnnotation, mirrorPodOf } from './config/static-pods';
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
  cache: PodCache;
  volumes: VolumeManager;
  network: PodNetwork;
  log: Logger;
  nodeUid(): string | undefined;
}

export interface PodSource {
  /** Starts feeding the workers. Call when the watch and the manifests are complete. */
  start(): void;
  setStaticPods(list: Pod[]): void;
  /** The API's object of a pod: itself, or a static pod's mirror. */
  current(pod: Pod): Stored<Pod> | undefined;
  /** Ends orphaned pods, deletes orphaned volumes and addresses, repairs mirror pods. */
  sweep(): Promise<void>;
}

const keyOf = ({ metadata }: Pod): string => `${metadata?.namespace}/${metadata?.name}`;

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
  const { informer, client, workers, statuses, cache, volumes, log } = deps;
  let started = false;
  let staticPods: Pod[] = [];

  const staticFor = (mirror: Pod): Pod | undefined => staticPods.find((pod) => keyOf(pod) === keyOf(mirror));
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
      else void syncMirrors();
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
    if (isMirrorPod(pod)) return void syncMirrors();
    workers.remove(identityOf(pod));
    statuses.forget(pod.metadata.uid);
  }

  informer.addEventHandler({ add: (pod) => upsert(pod), update: upsert, delete: remove });

  function current(pod: Pod): Stored<Pod> | undefined {
    const found = informer.lister.get(keyOf(pod));
    if (!found) return undefined;
    if (isStaticPod(pod)) return isMirrorPod(found) ? found : undefined;
    return found.metadata.uid === pod.metadata?.uid ? found : undefined;
  }

  /** One mirror for each static pod, of the same content; none without. */
  async function syncMirrors(): Promise<void> {
    if (!started) return;
    try {
      for (const mirror of informer.lister.list().filter(isMirrorPod)) {
        const own = staticFor(mirror);
        const hash = mirror.metadata.annotations?.[mirrorAnnotation];
        if (own?.metadata?.annotations?.[hashAnnotation] === hash && !mirror.metadata.deletionTimestamp) continue;
        const { name, namespace, uid } = mirror.metadata;
        await client
          .delete(pods, name, namespace, { gracePeriodSeconds: 0, preconditions: { uid } })
          .catch((error: unknown) => {
            if (!isNotFound(error)) throw error;
          });
      }
      for (const pod of staticPods) {
        if (informer.lister.get(keyOf(pod))) continue;
        await client.create(pods, mirrorPodOf(pod, deps.nodeUid())).catch((error: unknown) => {
          if (!isAlreadyExists(error)) throw error;
        });
      }
    } catch (error) {
      log.warn({ err: error }, 'Keeping the mirror pods failed');
    }
  }

  return {
    current,
    start() {
      started = true;
      for (const pod of staticPods) workers.update(pod);
      for (const pod of informer.lister.list()) upsert(pod);
    },
    setStaticPods(list) {
      const gone = staticPods.filter(({ metadata }) => !list.some((pod) => pod.metadata?.uid === metadata?.uid));
      staticPods = list;
      if (!started) return;
      for (const pod of gone) workers.remove(identityOf(pod));
      for (const pod of list) if (!workers.has(pod.metadata?.uid ?? '')) workers.update(pod);
      void syncMirrors();
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
      const sandboxes = cache.pods().flatMap((pod) => cache.status(pod).sandboxes.map(({ id }) => id));
      await deps.network.collect(new Set(sandboxes));
      await syncMirrors();
    },
  };
}
