/** Eviction on this node: the manager, with what it looks at and what it can free. */
import { stat } from 'node:fs/promises';
import type { Pod } from '../api/core/v1/pod';
import type { EventRecorder } from '../client/event-recorder';
import type { Clock } from '../component-base/clock';
import type { Logger } from '../component-base/logger';
import { createEvictionManager, type EvictionManager } from './eviction/eviction-manager';
import { observeNode } from './eviction/observe-node';
import { measureStorage, measureUsages } from './eviction/pod-usages';
import { createStorageWatch } from './eviction/storage-watch';
import type { Threshold } from './eviction/thresholds';
import type { ImageGc } from './images/image-gc';
import type { PodEngine } from './pod-engine';

export interface NodeEvictionDeps extends PodEngine {
  nodeName: string;
  thresholds: readonly Threshold[];
  evictionPressureTransitionPeriod: number;
  evictionMaxPodGracePeriod: number;
  /** Folders on the kubelet's and on the engine's disk. */
  nodeFs: string;
  imageFs: string;
  imageGc: ImageGc;
  recorder: EventRecorder;
  clock: Clock;
  log: Logger;
  onConditions(): void;
}

export function createNodeEviction(deps: NodeEvictionDeps): EvictionManager {
  const { workers, cache, volumes, imageGc, nodeFs, imageFs } = deps;

  /** A kubelet in a container may not see the engine's disk. */
  async function hasDedicatedImageFs(): Promise<boolean> {
    const [node, image] = await Promise.all([stat(nodeFs), stat(imageFs).catch(() => undefined)]);
    return image !== undefined && node.dev !== image.dev;
  }

  const statusOf = ({ metadata }: Pod) =>
    cache.status({ uid: metadata?.uid ?? '', name: metadata?.name ?? '', namespace: metadata?.namespace ?? '' });
  const places = { statusOf, podDir: (uid: string) => volumes.podDir(uid) };

  return createEvictionManager({
    ...deps,
    pressureTransitionPeriodMs: deps.evictionPressureTransitionPeriod,
    maxPodGracePeriodSeconds: deps.evictionMaxPodGracePeriod,
    observe: () => observeNode({ nodeFs, imageFs }),
    activePods: () => workers.active(),
    storageExcesses: createStorageWatch({ clock: deps.clock, measure: (pod) => measureStorage(places, pod) }),
    usagesOf: async (pods, signal) =>
      measureUsages({ ...places, hasDedicatedImageFs: await hasDedicatedImageFs() }, pods, signal),
    async reclaimNodeResources(signal) {
      const onKubeletsDisk = signal.startsWith('nodefs');
      if (!onKubeletsDisk && !signal.startsWith('imagefs')) return false;
      if (onKubeletsDisk && (await hasDedicatedImageFs())) return false;
      await deps.removeDeadContainers();
      await imageGc.deleteUnused();
      return true;
    },
    evict: (pod, eviction) => workers.evict(pod.metadata?.uid ?? '', eviction),
    hasEnded: (uid) => workers.hasEnded(uid),
  });
}
