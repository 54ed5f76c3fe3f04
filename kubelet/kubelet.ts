/** The kubelet, assembled: what watches, what works and what reports, and in which order they start. */
import { type ConfigMap, configMaps } from '../api/core/v1/configmap';
import { nodes } from '../api/core/v1/node';
import { type Pod, pods } from '../api/core/v1/pod';
import { type Secret, secrets } from '../api/core/v1/secret';
import { services } from '../api/core/v1/service';
import type { EventRecorder } from '../client/event-recorder';
import type { InformerFactory } from '../client/informer';
import type { RestClient } from '../client/rest-client';
import type { FlagValues } from '../component-base/flags';
import type { Clock } from '../component-base/clock';
import type { Logger } from '../component-base/logger';
import { createStaticPodSource } from './config/static-pods';
import { refusalUnderPressure } from './eviction/admit-under-pressure';
import { parseThresholds } from './eviction/thresholds';
import type { kubeletFlags } from './flags';
import { createImageGc } from './images/image-gc';
import type { MachineInfo } from './machine-info';
import { createPodNetwork } from './network/pod-network';
import { createNodeEviction } from './node-eviction';
import { createNodeNetwork } from './node-network';
import { allocatableOf, extendedResourcesOf, type NodeFacts, type NodeIdentity } from './node-object';
import { createNodeManager } from './node-status';
import { createPodEngine, type PodEngine } from './pod-engine';
import { createPodSource } from './pod-source';
import { admitPod, rejected } from './pods/admission';
import { admitAppArmor } from './pods/app-armor';
import { createSysctlAllowlist } from './pods/sysctl-allowlist';
import type { DnsSettings } from './pods/pod-files';
import type { Runtime } from './runtime/runtime';
import { createStatsProvider, type StatsProvider } from './stats/summary';
import { createStatusManager, type StatusManager } from './status-manager';
import { createObjectWatcher } from './volumes/object-watcher';
import { referencesOf } from './volumes/pod-references';
import { createTokenManager } from './volumes/token-manager';

export type KubeletValues = FlagValues<typeof kubeletFlags>;

export interface KubeletDeps {
  flags: KubeletValues;
  nodeName: string;
  identity: NodeIdentity;
  machine: MachineInfo;
  client: RestClient;
  informers: InformerFactory;
  recorder: EventRecorder;
  runtime: Runtime;
  dns: DnsSettings;
  /** Of the engine: its version and where its disk is. */
  engine: { version: string; rootDir: string };
  seccompRoot: string;
  clock: Clock;
  log: Logger;
}

export interface Kubelet extends PodEngine {
  statuses: StatusManager;
  stats: StatsProvider;
  /** '' until the podCIDR is known, with `--node-ip=bridge`. */
  internalIp(): string;
  /** The kubelet's API answers: exec and logs work, so the node may be Ready. */
  served(): void;
  /** The pods of this node with the status as the kubelet has it. */
  listPods(): Pod[];
  /** Throws when pods are not looked at any more. */
  checkSyncLoop(): void;
  run(signal: AbortSignal): Promise<void>;
}

/** How long a fresh kubelet waits for its serving certificate before the node is Ready without. */
const servingGraceMs = 10_000;

export function createKubelet(deps: KubeletDeps): Kubelet {
  const { flags, nodeName, client, informers, recorder, runtime, clock, log } = deps;
  const startedMs = clock.now();
  const thresholds = parseThresholds(flags);
  const disks = { nodeFs: flags.rootDir, imageFs: deps.engine.rootDir };
  let isServed = false;
  const podInformer = informers.informer(pods, { fieldSelector: `spec.nodeName=${nodeName}` });
  const nodeInformer = informers.informer(nodes);
  const serviceInformer = informers.informer(services);

  const network = createPodNetwork({
    clusterId: flags.clusterId,
    nodeName,
    rootDir: flags.rootDir,
    cniBinDir: flags.cniBinDir,
    cniConfDir: flags.cniConfDir,
    clusterCidr: flags.clusterCidr,
    serviceCidr: flags.serviceClusterIpRange,
    hostPortAddress: () => (flags.nodeIp === 'bridge' ? nodeNetwork.internalIp() : ''),
    clock,
    log,
  });
  const nodeNetwork = createNodeNetwork({
    informer: nodeInformer,
    network,
    clock,
    log,
    nodeName,
    nodeIp: flags.nodeIp,
    hostAddress: flags.hostAddress,
    clusterCidr: flags.clusterCidr,
    onReady() {
      nodeManager.kick();
      for (const pod of engine.workers.active()) engine.workers.trigger(pod.metadata?.uid ?? '');
    },
  });
  const nodeManager = createNodeManager({
    client,
    recorder,
    clock,
    log,
    identity: deps.identity,
    machine: deps.machine,
    facts,
    current: () => nodeInformer.lister.get(nodeName),
    updatePeriodMs: flags.nodeStatusUpdateFrequency,
  });

  async function facts(): Promise<NodeFacts> {
    const problems: string[] = [];
    const away = await runtime.ping().then(
      () => false,
      () => true,
    );
    if (away) problems.push('container runtime is down');
    const problem = network.problem();
    if (problem) problems.push(problem);
    if (!isServed && clock.now() - startedMs < servingGraceMs) problems.push('the kubelet API is not served yet');
    return {
      machine: deps.machine,
      pressure: eviction.conditions(),
      allocatable: allocatable(),
      maxPods: flags.maxPods,
      hostname: nodeName,
      internalIp: nodeNetwork.internalIp(),
      kubeletPort: flags.port,
      engineVersion: deps.engine.version,
      images: away ? [] : await runtime.listImages().catch(() => []),
      problems,
      nowMs: clock.now(),
    };
  }

  const onChange = (uids: string[]): void => {
    for (const uid of uids) engine.workers.trigger(uid);
  };
  const configMapWatcher = createObjectWatcher<ConfigMap>({ client, definition: configMaps, clock, log, onChange });
  const secretWatcher = createObjectWatcher<Secret>({ client, definition: secrets, clock, log, onChange });
  const tokens = createTokenManager({ client, clock });
  const statuses: StatusManager = createStatusManager({ client, clock, log, current: (pod) => source.current(pod) });
  const allocatable = () => allocatableOf(deps.machine, flags.maxPods, thresholds);
  const admitSysctls = createSysctlAllowlist(flags.allowedUnsafeSysctls ?? []);

  const engine = createPodEngine({
    ...deps,
    network,
    rootDir: flags.rootDir,
    pauseImage: flags.podInfraContainerImage,
    hostIPs: () => [nodeNetwork.internalIp()].filter(Boolean),
    allocatable,
    configMap: (namespace, name) => configMapWatcher.get(namespace, name),
    secret: (namespace, name) => secretWatcher.get(namespace, name),
    services: () => serviceInformer.lister.list(),
    token: tokens.request,
    track(pod) {
      const { uid = '', namespace = '' } = pod.metadata ?? {};
      const references = referencesOf(pod);
      configMapWatcher.track(uid, namespace, references.configMaps);
      secretWatcher.track(uid, namespace, references.secrets);
    },
    release(uid) {
      configMapWatcher.release(uid);
      secretWatcher.release(uid);
      tokens.forget(uid);
    },
    setStatus: (pod, status) => statuses.set(pod, status),
    lastStatus: (uid) => statuses.get(uid),
    admit(pod, active) {
      const node = nodeInformer.lister.get(nodeName);
      if (!node) return undefined;
      const refusal = refusalUnderPressure(pod, eviction.conditions());
      if (refusal) return rejected('Evicted', refusal);
      const known = { ...extendedResourcesOf(node.status?.allocatable), ...allocatable() };
      const asKnown = { ...node, status: { ...node.status, allocatable: known } };
      return admitSysctls(pod) ?? admitPod(pod, active, asKnown) ?? admitAppArmor(pod, deps.machine);
    },
    onGone(pod, uid) {
      if (pod) statuses.finish(pod);
      else statuses.forget(uid);
    },
  });
  const source = createPodSource({
    ...engine,
    informer: podInformer,
    client,
    statuses,
    network,
    clock,
    log,
    nodeUid: () => nodeInformer.lister.get(nodeName)?.metadata.uid,
  });
  const staticPods = createStaticPodSource({
    folder: flags.podManifestPath,
    nodeName,
    clock,
    log,
    onChange: (list) => source.setStaticPods(list),
  });
  const imageGc = createImageGc({
    runtime,
    clock,
    log,
    highPercent: flags.imageGcHighThreshold,
    lowPercent: flags.imageGcLowThreshold,
  });
  const eviction = createNodeEviction({
    ...engine,
    ...flags,
    ...disks,
    nodeName,
    thresholds,
    imageGc,
    recorder,
    clock,
    log,
    onConditions: () => nodeManager.kick(),
  });
  const stats = createStatsProvider({
    ...disks,
    clock,
    nodeName,
    pods: () => engine.cache.pods().map((pod) => engine.cache.status(pod)),
  });

  async function every(periodMs: number, what: string, task: () => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(periodMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      await task().catch((error: unknown) => log.warn({ err: error }, `${what} failed`));
    }
  }

  return {
    ...engine,
    statuses,
    stats,
    internalIp: () => nodeNetwork.internalIp(),
    served() {
      isServed = true;
      nodeManager.kick();
    },
    listPods: () =>
      engine.workers
        .all()
        .map((pod) => ({ ...pod, status: statuses.get(pod.metadata?.uid ?? '') ?? pod.status ?? {} })),
    checkSyncLoop() {
      const sinceMs = clock.now() - engine.cache.lastRelistMs();
      if (sinceMs > 3 * 60_000)
        throw new Error(`PLEG is not healthy: pleg was last seen active ${sinceMs / 1000}s ago`);
    },
    async run(signal) {
      await network.cni.load();
      const following = [engine.cache.run(signal)];
      informers.start(signal);
      if (flags.podManifestPath) following.push(staticPods.run(signal));
      recorder.event(
        { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName, uid: nodeName } },
        'Normal',
        'Starting',
        'Starting kubelet.',
      );
      // What runs must be known before pods are judged, and the services before environments are made.
      await engine.cache.relist().catch((error: unknown) => log.warn({ err: error }, 'The first relist failed'));
      await nodeInformer.waitForSync(signal);
      await nodeNetwork.prepareOnce();
      following.push(nodeManager.run(signal), nodeNetwork.run(signal));
      await Promise.all([podInformer.waitForSync(signal), serviceInformer.waitForSync(signal)]);
      while (engine.cache.lastRelistMs() === 0) await clock.sleep(200, signal);
      source.start();
      following.push(every(15_000, 'Sweeping', () => source.sweep(), signal));
      following.push(every(5 * 60_000, 'Collecting images', () => imageGc.collect(), signal));
      following.push(eviction.run(signal));
      await source.sweep().catch((error: unknown) => log.warn({ err: error }, 'Sweeping failed'));
      log.info({ node: nodeName }, 'The kubelet is running');
      await Promise.all(following);
      engine.workers.stop();
      await statuses.flush();
    },
  };
}
