/**
 * `npm run join -- <token>`: makes this host a node of another host's cluster. The token's hash proves the CA; the kubelet and
 * kube-proxy get client certificates through CertificateSigningRequests, and run supervised here.
 */
import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join as joinPath } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import { configMaps } from '../api/core/v1/configmap';
import { defineFlags, parseFlags } from '../component-base/flags';
import { loadKubeconfig } from '../client/kubeconfig';
import { createRestClient, type RestClient } from '../client/rest-client';
import { writeKubeconfig } from './certificates';
import { type Cluster, type Layout, layoutOf, makeLayout, readCluster, writeCluster, writeFileAtomic } from './cluster';
import { requestClientCertificate } from './client-certificate';
import { waitUntilNodesReady } from './cluster-api';
import { createEngine, ensureEngine } from './engine';
import { detectHostAddress, refuseOverlaps } from './host-network';
import { ensureImages } from './images';
import {
  clusterConfigName,
  type JoinToken,
  parseJoinToken,
  publicKeyHash,
  type SharedClusterFacts,
} from './join-token';
import { kubeletProcess, proxyProcess } from './processes';
import type { Progress } from './progress';
import { SetupError } from './setup-error';
import { withSetupLock } from './setup-lock';
import { ensureSupervisor } from './supervisor/client';
import { stringify } from 'yaml';

const joinFlags = defineFlags({
  'node-name': { type: 'string', default: '', help: "the node's name; default: this host's name" },
  'advertise-address': { type: 'string', default: '', help: 'where other hosts reach this one' },
});

export async function join(argv: string[], progress: Progress): Promise<void> {
  const [text = '', ...rest] = argv;
  const token = parseJoinToken(text);
  const options = parseFlags(joinFlags, rest, 'npm run join -- <token>');
  const node = (options.nodeName || hostname()).toLowerCase();
  const hostAddress = options.advertiseAddress || (await detectHostAddress());
  const caPem = await progress.step('Checking the cluster against the token', () => fetchAuthority(token));
  const server = `https://${token.server}`;
  const bootstrap = createRestClient(
    { server, ca: Buffer.from(caPem), token: token.bearer },
    { userAgent: 'kubelab-join' },
  );
  try {
    const facts = await readFacts(bootstrap);
    const layout = layoutOf(facts.name);
    await makeLayout(layout);
    const cluster: Cluster = { ...facts, role: 'worker', hostAddress, server, nodes: [node] };
    await withSetupLock(layout, async () => {
      await refuseUnfit(cluster, await readCluster(layout));
      const engine = createEngine();
      await progress.step('Docker Engine and images', async () => {
        await ensureEngine(engine, joinPath(layout.logs, 'dockerd.log'));
        await ensureImages(engine);
      });
      await writeCluster(layout, cluster);
      await progress.step('Starting the kubelet and kube-proxy', () =>
        startNode(cluster, layout, token, caPem, bootstrap),
      );
      await progress.step(`Node ${node} Ready`, () => waitUntilReady(layout, node));
    });
    progress.say(`\n${node} is a node of the cluster ${facts.name}. "npm run leave" undoes it.`);
  } finally {
    await bootstrap.close();
  }
}

/** Throws SetupError when this host cannot become a node of the cluster. `known` is what it has of a cluster of that name. */
export async function refuseUnfit(cluster: Cluster, known: Cluster | undefined): Promise<void> {
  if (known?.role === 'control-plane') throw new SetupError(`The cluster ${cluster.name} runs on this host already.`);
  if (known && known.id !== cluster.id) {
    throw new SetupError(`This host is a node of an earlier cluster ${cluster.name}, which is another one.`, {
      remedy: 'Run "npm run leave" first.',
    });
  }
  if (known) return;
  await refuseOverlaps({ 'pod-cidr': cluster.podCidr, 'service-cidr': cluster.serviceCidr }, { known: false });
}

/** The CA at the end of the chain that the server presents, if its key is the token's; nothing else is believed. */
async function fetchAuthority(token: JoinToken): Promise<string> {
  const [host = '', port] = splitHostPort(token.server);
  const chain = await new Promise<DetailedPeerCertificate>((resolve, reject) => {
    const socket = connect({ host, port, rejectUnauthorized: false, timeout: 10_000 }, () => {
      resolve(socket.getPeerCertificate(true));
      socket.end();
    });
    socket.on('timeout', () => socket.destroy(new Error('no answer within 10 s')));
    socket.on('error', reject);
  }).catch((error: Error) => {
    throw new SetupError(`${token.server} cannot be reached: ${error.message}.`, {
      remedy: 'Is the first host up, and its port open to this one?',
      cause: error,
    });
  });
  let last = chain;
  for (let depth = 0; depth < 5 && last.issuerCertificate && last.issuerCertificate !== last; depth++) {
    last = last.issuerCertificate;
  }
  const authority = new X509Certificate(last.raw);
  if (publicKeyHash(authority) !== token.caHash) {
    throw new SetupError(`${token.server} is not the cluster of this token: its CA has another key.`);
  }
  return authority.toString();
}

function splitHostPort(server: string): [string, number] {
  const colon = server.lastIndexOf(':');
  return [server.slice(0, colon).replace(/^\[|\]$/g, ''), Number(server.slice(colon + 1))];
}

/** The kubelet writes its kubeconfig once its certificate is issued; with it this host may look at the nodes. */
async function waitUntilReady(layout: Layout, node: string): Promise<void> {
  const path = joinPath(layout.kubeconfigs, `kubelet-${node}.kubeconfig`);
  for (let waitedMs = 0; !existsSync(path); waitedMs += 100) {
    if (waitedMs > 60_000) {
      throw new SetupError('The kubelet got no client certificate within a minute.', {
        remedy: `See ${joinPath(layout.logs, `kubelet-${node}.log`)}.`,
      });
    }
    await sleep(100);
  }
  const client = createRestClient(await loadKubeconfig(path), { userAgent: 'kubelab-join' });
  await waitUntilNodesReady(client, [node], layout).finally(() => client.close());
}

async function readFacts(client: RestClient): Promise<SharedClusterFacts> {
  const config = await client.get(configMaps, clusterConfigName, 'kube-public').catch((error: Error) => {
    throw new SetupError(`The cluster does not accept the token: ${error.message}.`, {
      remedy: 'Tokens live for a day; "npm run up" on the first host prints a new one.',
      cause: error,
    });
  });
  return JSON.parse(config.data?.['cluster.json'] ?? '{}') as SharedClusterFacts;
}

async function startNode(
  cluster: Cluster,
  layout: Layout,
  token: JoinToken,
  caPem: string,
  bootstrap: RestClient,
): Promise<void> {
  const [node = ''] = cluster.nodes;
  const caFile = joinPath(layout.pki, 'ca.crt');
  await writeFileAtomic(caFile, caPem, 0o644);
  const bootstrapKubeconfig = joinPath(layout.kubeconfigs, 'bootstrap.kubeconfig');
  await writeFileAtomic(bootstrapKubeconfig, bootstrapConfig(cluster.server, caFile, token.bearer));
  const proxyPair = await requestClientCertificate(bootstrap, layout.pki, 'kube-proxy', 'system:kube-proxy');
  const proxyKubeconfig = joinPath(layout.kubeconfigs, 'kube-proxy.kubeconfig');
  await writeKubeconfig(proxyKubeconfig, cluster.server, caFile, proxyPair);
  const kubelet = kubeletProcess(cluster, layout, node, {
    caFile,
    kubeletKubeconfig: joinPath(layout.kubeconfigs, `kubelet-${node}.kubeconfig`),
    bootstrapKubeconfig,
    nodeIp: cluster.hostAddress,
  });
  const processes = [kubelet, proxyProcess(cluster, node, proxyKubeconfig)];
  await writeFileAtomic(layout.processes, `${JSON.stringify(processes, undefined, 2)}\n`);
  await ensureSupervisor(cluster.name, layout);
}

const bootstrapConfig = (server: string, caFile: string, token: string): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'kubelab', cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name: 'bootstrap', user: { token } }],
    contexts: [{ name: 'kubelab', context: { cluster: 'kubelab', user: 'bootstrap' } }],
    'current-context': 'kubelab',
  });
