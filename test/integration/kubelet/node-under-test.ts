/** A node without an API server: the real engine, real CNI, and a pod engine whose API is a few maps. Cleans up after itself. */
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import type { ConfigMap } from '../../../api/core/v1/configmap';
import { type Pod, pods, type PodStatus, type ResourceRequirements } from '../../../api/core/v1/pod';
import type { Secret } from '../../../api/core/v1/secret';
import { systemClock } from '../../../component-base/clock';
import { cleanUpNode } from '../../../kubelet/cleanup';
import { createPodNetwork, type PodNetwork } from '../../../kubelet/network/pod-network';
import { createPodEngine, type PodEngine } from '../../../kubelet/pod-engine';
import { createDockerRuntime } from '../../../kubelet/runtime/docker';
import type { Runtime } from '../../../kubelet/runtime/runtime';

export const endpoint = process.env['KUBELAB_TEST_ENGINE'] ?? 'unix:///var/run/docker.sock';

export interface NodeUnderTest {
  runtime: Runtime;
  network: PodNetwork;
  engine: PodEngine;
  rootDir: string;
  podCidr: string;
  clusterId: string;
  configMaps: Map<string, ConfigMap>;
  secrets: Map<string, Secret>;
  events: { pod: string; type: string; reason: string; message: string }[];
  statusOf(uid: string): PodStatus | undefined;
  gone: Set<string>;
  /** A defaulted pod, bound to the node. */
  pod(name: string, spec: Partial<NonNullable<Pod['spec']>>): Pod;
  /** Resolves with the status once it satisfies the condition. */
  waitForStatus(uid: string, condition: (status: PodStatus) => boolean, what: string): Promise<PodStatus>;
  waitFor(condition: () => boolean, what: string): Promise<void>;
  /** The pod as a next generation that asks for these resources. */
  resize(pod: Pod, resources: ResourceRequirements): void;
  remove(pod: Pod, graceSeconds: number): void;
  /** A second kubelet on the same node, as after a restart: same root directory and labels. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const deadlineMs = 100_000;

/** `10.245.0` to `10.254.255`, apart from what clusters take: one in which no bridge of this machine has its address. */
function freePrefix(): string {
  const taken = new Set(
    Object.values(networkInterfaces()).flatMap((addresses = []) =>
      addresses.map(({ address }) => address.slice(0, address.lastIndexOf('.'))),
    ),
  );
  for (;;) {
    const prefix = `10.${randomInt(245, 255)}.${randomInt(256)}`;
    if (!taken.has(prefix)) return prefix;
  }
}

export async function startNode(): Promise<NodeUnderTest> {
  const clusterId = `test-${randomBytes(4).toString('hex')}`;
  const rootDir = await mkdtemp(path.join(tmpdir(), 'kubelab-kubelet-'));
  const podCidr = `${freePrefix()}.0/24`;
  const log = pino({ level: process.env['KUBELAB_TEST_LOG'] ?? 'silent' });
  const clock = systemClock;
  const nodeName = 'n1';
  const runtime = createDockerRuntime({
    endpoint,
    clusterId,
    nodeName,
    clock,
    log,
    imagePullProgressDeadlineMs: 60_000,
  });
  const options = { clusterId, nodeName, rootDir, cniBinDir: '/usr/lib/cni', clusterCidr: podCidr, clock, log };
  const statuses = new Map<string, PodStatus>();
  const waiters = new Set<() => void>();
  const changed = (): void => waiters.forEach((waiter) => waiter());
  const known = new Map<string, Pod>();
  const node = {
    runtime,
    rootDir,
    podCidr,
    clusterId,
    configMaps: new Map<string, ConfigMap>(),
    secrets: new Map<string, Secret>(),
    events: [] as NodeUnderTest['events'],
    gone: new Set<string>(),
  };

  async function start(): Promise<{ engine: PodEngine; network: PodNetwork; stop: AbortController }> {
    const stop = new AbortController();
    const network = createPodNetwork({ ...options, cniConfDir: '', serviceCidr: '', hostPortAddress: () => '' });
    await network.cni.load();
    await network.prepare(podCidr);
    const engine = createPodEngine({
      runtime,
      network,
      recorder: {
        event(regarding, type, reason, message) {
          node.events.push({ pod: regarding.metadata?.name ?? '', type, reason, message });
          changed();
        },
      },
      clock,
      log,
      rootDir,
      seccompRoot: path.join(rootDir, 'seccomp'),
      nodeName,
      pauseImage: 'kubelab/pause:1',
      dns: {
        clusterDns: ['10.96.0.10'],
        clusterDomain: 'cluster.local',
        host: { nameservers: [], searches: [], options: [] },
      },
      machine: { memoryBytes: 16 * 1024 ** 3 },
      hostIPs: () => ['192.0.2.1'],
      allocatable: () => ({ cpu: '4', memory: '16Gi' }),
      configMap: async (namespace, name) => node.configMaps.get(`${namespace}/${name}`),
      secret: async (namespace, name) => node.secrets.get(`${namespace}/${name}`),
      services: () => [],
      token: async () => 'a-token',
      track: () => undefined,
      release: () => undefined,
      setStatus(pod, status) {
        statuses.set(pod.metadata?.uid ?? '', status);
        changed();
      },
      lastStatus: (uid) => statuses.get(uid),
      admit: () => undefined,
      onGone(pod, uid) {
        node.gone.add(uid);
        changed();
        // As the API does: the object goes, and the watch says so.
        if (pod)
          engine.workers.remove({ uid, name: pod.metadata?.name ?? '', namespace: pod.metadata?.namespace ?? '' });
      },
    });
    await engine.cache.relist();
    void engine.cache.run(stop.signal);
    return { engine, network, stop };
  }
  let current = await start();
  current.engine.allocations.start();

  async function waitFor(condition: () => boolean, what: string): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        clearInterval(poll);
        waiters.delete(look);
      };
      const look = (): void => {
        if (!condition()) return;
        finish();
        resolve();
      };
      const poll = setInterval(look, 50);
      const timer = setTimeout(() => {
        finish();
        const state = JSON.stringify({ statuses: [...statuses], events: node.events }, null, 1);
        reject(new Error(`waited in vain for ${what}: ${state}`));
      }, deadlineMs);
      waiters.add(look);
    });
  }

  return {
    ...node,
    get engine() {
      return current.engine;
    },
    get network() {
      return current.network;
    },
    statusOf: (uid) => statuses.get(uid),
    waitFor,
    async waitForStatus(uid, condition, what) {
      const satisfied = (): boolean => {
        const status = statuses.get(uid);
        return status !== undefined && condition(status);
      };
      await waitFor(satisfied, what);
      return statuses.get(uid) as PodStatus;
    },
    pod(name, spec) {
      const pod: Pod = {
        metadata: { name, namespace: 'default', uid: `${name}-${randomBytes(4).toString('hex')}` },
        spec: { nodeName, terminationGracePeriodSeconds: 3, ...spec } as NonNullable<Pod['spec']>,
        status: { phase: 'Pending' },
      };
      pods.defaults?.(pod);
      for (const container of [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]) {
        container.imagePullPolicy ??= 'IfNotPresent';
      }
      known.set(pod.metadata?.uid ?? '', pod);
      return pod;
    },
    resize(pod, resources) {
      const uid = pod.metadata?.uid ?? '';
      const latest = structuredClone(known.get(uid) as Pod);
      latest.metadata = { ...latest.metadata, generation: (latest.metadata?.generation ?? 1) + 1 };
      for (const container of latest.spec?.containers ?? []) container.resources = resources;
      known.set(uid, latest);
      current.engine.workers.update({ ...latest, status: statuses.get(uid) ?? {} });
    },
    remove(pod, graceSeconds) {
      const uid = pod.metadata?.uid ?? '';
      const metadata = {
        ...pod.metadata,
        deletionTimestamp: new Date(Date.now() + graceSeconds * 1000).toISOString(),
        deletionGracePeriodSeconds: graceSeconds,
      };
      current.engine.workers.update({ ...pod, metadata, status: statuses.get(uid) ?? {} });
    },
    async restart() {
      current.stop.abort();
      current.engine.workers.stop();
      current = await start();
      for (const [uid, pod] of known) {
        if (!node.gone.has(uid)) current.engine.workers.update({ ...pod, status: statuses.get(uid) ?? {} });
      }
      current.engine.allocations.start();
    },
    async close() {
      current.stop.abort();
      current.engine.workers.stop();
      await current.engine.workers.idle();
      await cleanUpNode({ ...options, runtime });
      await rm(rootDir, { recursive: true, force: true });
    },
  };
}
