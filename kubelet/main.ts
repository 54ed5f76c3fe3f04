/** The kubelet's process: flags, identity, engine, then the kubelet and its servers. */
import { mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createDelegatedAuth } from '../client/delegated-auth';
import { createEventRecorder } from '../client/event-recorder';
import { createInformerFactory } from '../client/informer-factory';
import { loadKubeconfig } from '../client/kubeconfig';
import { createRestClient, type RestClient } from '../client/rest-client';
import { type ProcessContext, runProcess } from '../component-base/run-process';
import { startServing } from '../component-base/serving';
import { createServingTls } from '../component-base/tls';
import {
  bootstrapIdentity,
  clientCertificateName,
  clientCertificateRequest,
  servingCertificateRequest,
} from './certificates/bootstrap';
import { createCertificateManager } from './certificates/certificate-manager';
import { writeSelfSigned } from './certificates/self-signed';
import { cleanUpNode } from './cleanup';
import { kubeletFlags } from './flags';
import { createKubelet, type Kubelet, type KubeletValues } from './kubelet';
import { readMachineInfo } from './machine-info';
import { parseTaint } from './node-object';
import { readHostResolvConf } from './pods/pod-files';
import { createDockerRuntime } from './runtime/docker';
import type { Runtime, RuntimeInfo } from './runtime/runtime';
import { startKubeletServer } from './server/server';
import { renderResourceMetrics } from './stats/resource-metrics';

async function main(flags: KubeletValues, context: ProcessContext): Promise<void> {
  const { log, clock, signal } = context;
  const nodeName = (flags.hostnameOverride || os.hostname()).toLowerCase();
  const runtime = createDockerRuntime({
    endpoint: flags.containerRuntimeEndpoint,
    imagePullProgressDeadlineMs: flags.imagePullProgressDeadline,
    clusterId: flags.clusterId,
    nodeName,
    clock,
    log,
  });
  if (flags.cleanup) return cleanUpNode({ ...flags, runtime, nodeName, log });
  if (!flags.kubeconfig) throw new Error('--kubeconfig is required');

  await mkdir(flags.rootDir, { recursive: true });
  const certDir = flags.certDir || path.join(flags.rootDir, 'pki');
  await bootstrapIdentity({ ...flags, certDir, nodeName, clock, log }, signal);
  const cluster = await loadKubeconfig(flags.kubeconfig);
  const client = createRestClient(cluster, { userAgent: 'kubelet' });
  const engine = await waitForEngine(runtime, context);
  const kubelet = createKubelet({
    flags,
    nodeName,
    identity: {
      name: nodeName,
      labels: Object.fromEntries(flags.nodeLabels.map((label) => splitLabel(label))),
      taints: flags.registerWithTaints.map(parseTaint),
      hostAddress: flags.hostAddress,
    },
    machine: await readMachineInfo(engine.rootDir),
    client,
    informers: createInformerFactory({ client, clock, log }),
    recorder: createEventRecorder({ client, clock, component: 'kubelet', host: nodeName, log }),
    runtime,
    engine,
    dns: { clusterDns: flags.clusterDns, clusterDomain: flags.clusterDomain, host: await readHostResolvConf() },
    seccompRoot: flags.seccompProfileRoot || path.join(flags.rootDir, 'seccomp'),
    clock,
    log,
  });
  context.health.add('syncloop', () => kubelet.checkSyncLoop(), ['healthz', 'livez']);
  if (flags.healthzPort > 0) {
    const { health, metrics } = context;
    await startServing({ address: flags.healthzBindAddress, port: flags.healthzPort, health, metrics, log, signal });
  }
  const serving = serve({ flags, context, kubelet, runtime, client, nodeName, certDir });
  const renewing = renewClientCertificate({ flags, context, client, nodeName, certDir });
  await Promise.all([kubelet.run(signal), serving, renewing]);
}

const splitLabel = (label: string): [string, string] => {
  const equals = label.indexOf('=');
  return equals < 0 ? [label, ''] : [label.slice(0, equals), label.slice(equals + 1)];
};

/** The engine may come up after us. */
async function waitForEngine(runtime: Runtime, { clock, log, signal }: ProcessContext): Promise<RuntimeInfo> {
  for (let delayMs = 200; ; delayMs = Math.min(delayMs * 2, 5000)) {
    try {
      return await runtime.info();
    } catch (error) {
      log.warn({ err: error }, 'The container engine does not answer; trying again');
      await clock.sleep(delayMs, signal);
    }
  }
}

interface ServerParts {
  flags: KubeletValues;
  context: ProcessContext;
  kubelet: Kubelet;
  runtime: Runtime;
  client: RestClient;
  nodeName: string;
  certDir: string;
}

/** The kubelet's API, once the node has its address and its certificate. */
async function serve({ flags, context, kubelet, runtime, client, nodeName, certDir }: ServerParts): Promise<void> {
  const { clock, log, signal } = context;
  const manager = createCertificateManager({
    client,
    clock,
    log,
    certDir,
    name: 'kubelet-server-current',
    request: () => (kubelet.internalIp() ? servingCertificateRequest(nodeName, kubelet.internalIp()) : undefined),
  });
  while (!kubelet.internalIp()) await clock.sleep(50, signal);
  if (flags.rotateServerCertificates) await manager.ready(signal);
  else await writeSelfSigned(manager.file, nodeName, kubelet.internalIp());
  const tls = createServingTls(
    { certFile: manager.file, keyFile: manager.file, ...(flags.clientCaFile && { clientCaFile: flags.clientCaFile }) },
    log,
  );
  const server = await startKubeletServer({
    address: flags.address || kubelet.internalIp(),
    port: flags.port,
    nodeName,
    tls,
    auth: createDelegatedAuth({ client, clock }),
    runtime,
    pods: {
      list: () => kubelet.listPods(),
      get: (namespace, name) =>
        kubelet.listPods().find(({ metadata }) => metadata?.namespace === namespace && metadata?.name === name),
      sandboxId: (uid) =>
        kubelet.cache.status({ uid, name: '', namespace: '' }).sandboxes.find(({ state }) => state === 'running')?.id,
    },
    health: context.health,
    metrics: context.metrics,
    statsSummary: () => kubelet.stats.summary(),
    resourceMetrics: async () => renderResourceMetrics(await kubelet.stats.summary()),
    log,
  });
  log.info({ address: flags.address || kubelet.internalIp(), port: server.port }, 'Serving the kubelet API');
  kubelet.served();
  signal.addEventListener('abort', () => void server.close(), { once: true });
  if (flags.rotateServerCertificates) await manager.run(signal);
}

/** Only a certificate that the kubelet got itself is renewed by it. */
async function renewClientCertificate(parts: Omit<ServerParts, 'kubelet' | 'runtime'>): Promise<void> {
  const { flags, context, client, nodeName, certDir } = parts;
  if (!flags.bootstrapKubeconfig) return;
  const { clock, log, signal } = context;
  const request = () => clientCertificateRequest(nodeName);
  await createCertificateManager({ client, clock, log, certDir, name: clientCertificateName, request }).run(signal);
}

void runProcess({ component: 'kubelet', flags: kubeletFlags, main });
