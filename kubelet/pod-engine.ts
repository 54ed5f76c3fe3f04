/**
 * The part of the kubelet between a pod object and the engine, put together: cache, probes, images, volumes and workers. It knows
 * the API only through the functions it is given, so tests drive it without an API server.
 */
import type { ConfigMap } from '../api/core/v1/configmap';
import type { Pod, PodStatus } from '../api/core/v1/pod';
import type { Secret } from '../api/core/v1/secret';
import type { Service } from '../api/core/v1/service';
import type { EventRecorder } from '../client/event-recorder';
import type { Clock } from '../component-base/clock';
import type { Logger } from '../component-base/logger';
import { type AllocationManager, createAllocationManager } from './allocation/allocation-manager';
import { createImageManager } from './images/image-manager';
import type { PodNetwork } from './network/pod-network';
import { createPodWorkers, type PodWorkers } from './pod-workers';
import { createBackOff } from './pods/back-off';
import { createPodCache, type PodCache } from './pods/pod-cache';
import type { DnsSettings } from './pods/pod-files';
import { newestInstance } from './pods/pod-runtime-status';
import { removeContainers } from './pods/remove-containers';
import type { SyncDeps, Verdict } from './pods/sync-pod';
import { createProbeManager } from './probes/probe-manager';
import type { Runtime } from './runtime/runtime';
import type { TokenRequester } from './volumes/token-manager';
import { createVolumeManager, type VolumeManager } from './volumes/volume-manager';

export interface PodEngineDeps {
  runtime: Runtime;
  network: PodNetwork;
  recorder: EventRecorder;
  clock: Clock;
  log: Logger;
  rootDir: string;
  seccompRoot: string;
  nodeName: string;
  pauseImage: string;
  dns: DnsSettings;
  machine: { memoryBytes: number };
  hostIPs(): string[];
  allocatable(): Record<string, string>;
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  secret(namespace: string, name: string): Promise<Secret | undefined>;
  services(): readonly Service[];
  token: TokenRequester;
  track(pod: Pod): void;
  release(uid: string): void;
  setStatus(pod: Pod, status: PodStatus): void;
  lastStatus(uid: string): PodStatus | undefined;
  admit(pod: Pod, active: Pod[]): Verdict | undefined;
  onGone(pod: Pod | undefined, uid: string): void;
}

export interface PodEngine {
  workers: PodWorkers;
  cache: PodCache;
  volumes: VolumeManager;
  images: SyncDeps['images'];
  allocations: AllocationManager;
  /** Those of pods that have ended; their logs go too. */
  removeDeadContainers(): Promise<void>;
}

export function createPodEngine(deps: PodEngineDeps): PodEngine {
  const { runtime, network, recorder, clock, log } = deps;
  const volumes = createVolumeManager({ rootDir: deps.rootDir, clock, log });
  const trigger = (uid: string): void => workers.trigger(uid);
  const cache = createPodCache({
    runtime,
    clock,
    log,
    addressesOf: (sandboxId) => network.addressesOf(sandboxId),
    podDir: (uid) => volumes.podDir(uid),
    onChange: (uid) => workers.containersChanged(uid),
    onReconnect: () => workers.retryAll(),
  });
  const identityOf = (pod: Pod) => ({
    uid: pod.metadata?.uid ?? '',
    name: pod.metadata?.name ?? '',
    namespace: pod.metadata?.namespace ?? '',
  });
  const probes = createProbeManager({
    runtime,
    recorder,
    clock,
    log,
    instance: (pod, container) => newestInstance(cache.status(identityOf(pod)), container),
    podIp: (pod) => (pod.spec?.hostNetwork ? deps.hostIPs() : cache.status(identityOf(pod)).ips)[0] ?? '',
    onChange: trigger,
  });
  const images = createImageManager({ runtime, recorder, clock });
  const allocations = createAllocationManager({
    ...deps,
    active: () => workers.active(),
    onChange: trigger,
  });
  const sync: SyncDeps = {
    ...deps,
    allocations,
    cache,
    probes,
    images,
    volumes,
    backOff: createBackOff(10_000, 300_000),
    podDir: (uid) => volumes.podDir(uid),
    onStarted: (pod, container, containerId) => probes.containerStarted(pod, container, containerId),
    facts: (pod, podIPs) => ({
      pod,
      podIPs,
      hostIPs: deps.hostIPs(),
      nodeName: deps.nodeName,
      allocatable: deps.allocatable(),
    }),
  };
  const workers = createPodWorkers({ sync, clock, log, admit: deps.admit, allocations, onGone: deps.onGone });

  async function removeDeadContainers(): Promise<void> {
    const ended = cache.pods().filter(({ uid }) => workers.has(uid) && workers.hasEnded(uid));
    const containers = ended.flatMap((pod) => cache.status(pod).containers);
    await removeContainers(
      sync,
      containers.filter(({ state }) => state === 'exited'),
    );
  }

  return { workers, cache, volumes, images, allocations, removeDeadContainers };
}
