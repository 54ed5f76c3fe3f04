/** `npm run up`: makes the cluster, or makes it run again, and shows the demo. Every step may be repeated. */
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { defineFlags, parseFlags } from '../component-base/flags';
import { ensureDnsService } from './addons';
import { type ControlPlaneFiles, ensureControlPlaneFiles, ensureKubeconfigs } from './certificates';
import {
  type Cluster,
  contextNameOf,
  defaultClusterName,
  type Layout,
  layoutOf,
  makeLayout,
  newCluster,
  rangeSlots,
  readCluster,
  refuseWrongName,
  writeCluster,
  writeFileAtomic,
} from './cluster';
import { adminClient, type ClusterApi, waitUntilNodesReady, waitUntilServing } from './cluster-api';
import { showDemo } from './demo';
import { refuseContainers } from './down';
import { createEngine, ensureEngine } from './engine';
import { refuseWrongFlags, withExtraConfig } from './extra-config';
import { anyRouted, detectHostAddress, refuseOverlaps } from './host-network';
import { ensureImages } from './images';
import { publishJoinToken } from './join-token';
import { localNodeNames, nodesToKeep, refuseTooManyNodes, removeNode } from './local-nodes';
import { arePortsFree, refuseTakenPorts } from './ports';
import { controlPlaneProcesses, kubeletProcess, type ProcessSpec, proxyProcess } from './processes';
import type { Progress } from './progress';
import { SetupError } from './setup-error';
import { withSetupLock } from './setup-lock';
import { ensureSupervisor, findSupervisor } from './supervisor/client';
import { anyAlive } from './supervisor/process-identity';
import { addUserContext } from './user-kubeconfig';

const upFlags = defineFlags({
  name: { type: 'string', default: defaultClusterName, help: 'the name of the cluster' },
  nodes: { type: 'int', default: 0, help: 'how many nodes on this machine; 0 keeps what is there, or makes one' },
  'advertise-address': { type: 'string', default: '', help: 'where other hosts reach this one' },
  'pod-cidr': { type: 'string', default: '', help: 'the range of pod addresses' },
  'service-cidr': { type: 'string', default: '', help: 'the range of service addresses' },
  'extra-config': {
    type: 'list',
    help: 'further flags of components, as COMPONENT.FLAG=VALUE; kept until given without a value',
  },
  demo: { type: 'bool', default: true, help: 'apply the hello demo and show it answer' },
});

type UpOptions = ReturnType<typeof parseFlags<typeof upFlags>>;

/** Throws SetupError for what no cluster can have, before anything is made. */
export function readUpOptions(argv: string[], command: string): UpOptions {
  const options = parseFlags(upFlags, argv, command);
  refuseWrongName(options.name);
  if (options.nodes < 0) {
    throw new SetupError(`--nodes=${options.nodes} is no number of nodes.`, { remedy: 'Give 1 or more.' });
  }
  return options;
}

export async function up(argv: string[], progress: Progress): Promise<void> {
  const options = readUpOptions(argv, 'npm run up --');
  const layout = layoutOf(options.name);
  await refuseContainers(options.name, layout);
  await makeLayout(layout);
  await withSetupLock(layout, () => bringUp(options, layout, progress));
}

async function bringUp(options: UpOptions, layout: Layout, progress: Progress): Promise<void> {
  const known = await readCluster(layout);
  if (known?.role === 'worker') {
    throw new SetupError(`This host joined the cluster ${options.name} of another host.`, {
      remedy: 'Run "npm run leave" first, or choose another --name.',
    });
  }
  const { cluster, removed } = await chooseCluster(options, known);
  const engine = createEngine();
  await progress.step(
    'Docker Engine',
    () => ensureEngine(engine, join(layout.logs, 'dockerd.log')),
    ({ version, started }) => `${version}${started ? ', started' : ''}`,
  );
  const files = await progress.step('Certificates and images', async () => {
    const [made] = await Promise.all([ensureControlPlaneFiles(cluster, layout), ensureImages(engine)]);
    return made;
  });
  if (!(await findSupervisor(layout))) await refuseWhatIsTaken(cluster, layout, known !== undefined);
  const processes = await processesOf(cluster, layout, files);
  await refuseWrongFlags(processes, cluster.extraFlags ?? {});
  for (const node of removed) {
    await progress.step(`Removing node ${node}`, () => removeNode(known as Cluster, layout, node));
  }
  await writeCluster(layout, cluster);
  await progress.step('Starting etcd and the components', async () => {
    await writeFileAtomic(layout.processes, `${JSON.stringify(processes, undefined, 2)}\n`);
    await ensureSupervisor(cluster.name, layout);
  });
  const api = await adminClient(cluster, layout);
  try {
    await progress.step('API server', () => waitUntilServing(api, layout));
    await progress.step(
      `Nodes ${cluster.nodes.join(', ')} Ready`,
      () => waitUntilNodesReady(api, cluster.nodes, layout),
      () => '',
    );
    await finish(cluster, layout, files, api, options, progress);
  } finally {
    await api.close();
  }
}

/** The cluster as it shall be: the one that is there with the wanted nodes, or a new one. */
export async function chooseCluster(
  options: UpOptions,
  known: Cluster | undefined,
): Promise<{ cluster: Cluster; removed: string[] }> {
  const hostAddress = options.advertiseAddress || known?.hostAddress || (await detectHostAddress());
  if (known) {
    for (const [flag, asked, have] of [
      ['pod-cidr', options.podCidr, known.podCidr],
      ['service-cidr', options.serviceCidr, known.serviceCidr],
    ]) {
      if (asked && asked !== have) {
        throw new SetupError(`The cluster ${known.name} exists with --${flag}=${have}.`, {
          remedy: `Remove it first: npm run down -- --name ${known.name} --purge.`,
        });
      }
    }
  }
  const base = known ?? (await chooseNumbers(options, hostAddress));
  const count = options.nodes || known?.nodes.length || 1;
  refuseTooManyNodes(base, count, known?.nodes.length ?? 0, os.freemem());
  const nodes = localNodeNames(base, count);
  const extraFlags = withExtraConfig(known?.extraFlags, options.extraConfig);
  return {
    cluster: { ...base, hostAddress, nodes, extraFlags },
    removed: nodesToKeep(known?.nodes ?? [], nodes).removed,
  };
}

/** A new cluster with numbers that no other one on this host has; the default cluster's are fixed. */
async function chooseNumbers({ name, podCidr, serviceCidr }: UpOptions, hostAddress: string): Promise<Cluster> {
  const candidate = (skip: number): Cluster =>
    newCluster({ name, hostAddress, skip, ...(podCidr && { podCidr }), ...(serviceCidr && { serviceCidr }) });
  if (name === defaultClusterName) return candidate(0);
  for (let skip = 0; skip < rangeSlots; skip++) {
    const cluster = candidate(skip);
    const chosen = [...(podCidr ? [] : [cluster.podCidr]), ...(serviceCidr ? [] : [cluster.serviceCidr])];
    if (!(await anyRouted(chosen)) && (await arePortsFree(cluster))) return cluster;
  }
  return candidate(0);
}

/** Checked only while nothing of the cluster runs, also without a supervisor: its own listeners are no obstacle. */
export async function refuseWhatIsTaken(cluster: Cluster, layout: Layout, known: boolean): Promise<void> {
  if (await anyAlive(layout.run)) return;
  await refuseTakenPorts(cluster);
  await refuseOverlaps({ 'pod-cidr': cluster.podCidr, 'service-cidr': cluster.serviceCidr }, { known });
}

/** All that runs on this host, with the kubeconfigs it needs. */
export async function processesOf(cluster: Cluster, layout: Layout, files: ControlPlaneFiles): Promise<ProcessSpec[]> {
  const kubeconfigs = await ensureKubeconfigs(cluster, layout, files);
  const kubelets = cluster.nodes.map((node) =>
    kubeletProcess(cluster, layout, node, {
      caFile: files.ca.files.cert,
      kubeletKubeconfig: kubeconfigs[`kubelet-${node}`] ?? '',
      nodeIp: 'bridge',
    }),
  );
  return [
    ...controlPlaneProcesses(cluster, layout, files, kubeconfigs),
    ...kubelets,
    proxyProcess(cluster, cluster.nodes[0] ?? '', kubeconfigs['kube-proxy'] ?? ''),
  ];
}

/** Once the nodes are Ready: the user's context, cluster DNS, a token for further hosts, the demo. */
export async function finish(
  cluster: Cluster,
  layout: Layout,
  files: ControlPlaneFiles,
  api: ClusterApi,
  options: UpOptions,
  progress: Progress,
): Promise<void> {
  const name = contextNameOf(cluster.name);
  const kubeconfig = await addUserContext({
    name,
    server: cluster.server,
    caPem: files.ca.pem,
    certPem: await readFile(files.admin.cert, 'utf8'),
    keyPem: await readFile(files.admin.key, 'utf8'),
  });
  await ensureDnsService(api, cluster);
  const token = await publishJoinToken(api, cluster, files.ca.pem);
  if (options.demo) await showDemo(cluster, join(layout.kubeconfigs, 'admin.kubeconfig'), progress);
  progress.say('');
  progress.say(`The cluster is up. kubectl's context "${name}" is in ${kubeconfig}.`);
  progress.say('  kubectl get nodes,pods -A -o wide');
  progress.say('A node on another host, within a day:');
  progress.say(`  npm run join -- ${token}`);
}
