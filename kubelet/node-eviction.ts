/** Eviction on this node: the manager, with what it looks at and what it can free. */
import { stat } from 'node:fs/promises';
import type { Pod } from '../api/core/v1/pod';
import type { EventRecorder } from '../client/event-recorder';
import type { Clock } from '../component-base/clock';
import type { Logger } from '../component-base/logger';
import { createEvictionManager, type EvictionManager } from './eviction/eviction-manager';
import { observeNode } from './eviction/observe-node';
import { measureUsages } from './eviction/pod-usages';
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

  async function hasDedicatedImageFs(): Promise<boolean> {
    const [node, image] = await Promise.all([stat(nodeFs), stat(imageFs)]);
    return node.dev !== image.dev;
  }

  const statusOf = ({ metadata }: Pod) =>
    cache.status({ uid: metadata?.uid ?? '', name: metadata?.name ?? '', namespace: metadata?.namespace ?? '' });

  return createEvictionManager({
    ...deps,
    pressureTransitionPeriodMs: deps.evictionPressureTransitionPeriod,
    maxPodGracePeriodSeconds: deps.evictionMaxPodGracePeriod,
    observe: () => observeNode({ nodeFs, imageFs }),
    activePods: () => workers.active(),
    async usagesOf(pods, signal) {
      const podDir = (uid: string): string => volumes.podDir(uid);
      return measureUsages({ statusOf, podDir, hasDedicatedImageFs: await hasDedicatedImageFs() }, pods, signal);
    },
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
