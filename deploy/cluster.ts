/**
 * What a cluster is on this host: its name and id, the addresses and ports that follow from the name, and where its state
 * lives. Several clusters share a host because nothing here is global.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ExtraFlags } from './extra-config';
import { SetupError } from './setup-error';

export const defaultClusterName = 'kubelab';

/** Ports that one cluster takes on its host. */
export interface ClusterPorts {
  apiserver: number;
  etcdClient: number;
  etcdPeer: number;
  scheduler: number;
  controllerManager: number;
  proxyHealth: number;
  proxyMetrics: number;
  /** Of the first node here; further ones serve health on their API port only. */
  kubeletHealth: number;
}

/** The cluster as written to `cluster.json`: what was chosen once and stays. */
export interface Cluster {
  name: string;
  /** 8 hex digits; labels, bridge and chain names carry it. */
  id: string;
  /** This host runs the control plane (`up`) or only nodes (`join`). */
  role: 'control-plane' | 'worker';
  /** Where other hosts reach this one. */
  hostAddress: string;
  /** The API server's URL for this host's components. */
  server: string;
  podCidr: string;
  nodeMaskSize: number;
  serviceCidr: string;
  serviceNodePortRange: string;
  clusterDomain: string;
  ports: ClusterPorts;
  /** Names of the nodes on this host. */
  nodes: string[];
  extraFlags?: ExtraFlags;
}

/** Files and folders of a cluster's state. */
export interface Layout {
  root: string;
  cluster: string;
  processes: string;
  pki: string;
  etcd: string;
  kubeconfigs: string;
  logs: string;
  run: string;
  /** The kubelet's root directory of a node. */
  node(name: string): string;
}

export const kubelabHome = (env = process.env): string => env.KUBELAB_HOME ?? join(homedir(), '.kubelab');

export function layoutOf(clusterName: string, home = kubelabHome()): Layout {
  const root = join(home, clusterName);
  return {
    root,
    cluster: join(root, 'cluster.json'),
    processes: join(root, 'processes.json'),
    pki: join(root, 'pki'),
    etcd: join(root, 'etcd'),
    kubeconfigs: join(root, 'kubeconfigs'),
    logs: join(root, 'logs'),
    run: join(root, 'run'),
    node: (name) => join(root, 'nodes', name),
  };
}

export async function makeLayout(layout: Layout): Promise<void> {
  for (const folder of [layout.root, layout.pki, layout.etcd, layout.kubeconfigs, layout.logs, layout.run]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
}

export interface NewClusterOptions {
  name: string;
  hostAddress: string;
  podCidr?: string;
  serviceCidr?: string;
  /** How many sets of numbers that follow from the name were found taken. */
  skip?: number;
}

/** How many sets of ranges there are for clusters other than the default one. */
export const rangeSlots = 58;

/** Names are also those of folders, units and nodes. */
export function refuseWrongName(name: string): void {
  if (/^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$/.test(name)) return;
  throw new SetupError(`"${name}" is not a cluster name.`, {
    remedy: 'Use up to 32 lower-case letters, digits and dashes, starting and ending with a letter or digit.',
  });
}

/** Upstream's well-known numbers for the default cluster; for others, numbers that follow from the name. */
export function newCluster(options: NewClusterOptions): Cluster {
  const { name } = options;
  refuseWrongName(name);
  const slot = createHash('sha1').update(name).digest().readUInt32BE(0) + (options.skip ?? 0);
  const isDefault = name === defaultClusterName;
  const block = 20_000 + (slot % 200) * 8;
  const ports: ClusterPorts = isDefault
    ? {
        apiserver: 6443,
        etcdClient: 12379,
        etcdPeer: 12380,
        scheduler: 10259,
        controllerManager: 10257,
        proxyHealth: 10256,
        proxyMetrics: 10249,
        kubeletHealth: 10248,
      }
    : {
        apiserver: block,
        etcdClient: block + 1,
        etcdPeer: block + 2,
        scheduler: block + 3,
        controllerManager: block + 4,
        proxyHealth: block + 5,
        proxyMetrics: block + 6,
        kubeletHealth: block + 7,
      };
  // 10.128 to 10.243: apart from the default cluster's 10.244.
  const rangeSlot = slot % rangeSlots;
  const second = 128 + rangeSlot * 2;
  const nodePorts = 21_600 + rangeSlot * 140;
  return {
    name,
    id: randomBytes(4).toString('hex'),
    role: 'control-plane',
    hostAddress: options.hostAddress,
    server: `https://127.0.0.1:${ports.apiserver}`,
    podCidr: options.podCidr ?? (isDefault ? '10.244.0.0/16' : `10.${second}.0.0/16`),
    nodeMaskSize: 24,
    serviceCidr: options.serviceCidr ?? (isDefault ? '10.96.0.0/16' : `10.${second + 1}.0.0/16`),
    serviceNodePortRange: isDefault ? '30000-32767' : `${nodePorts}-${nodePorts + 139}`,
    clusterDomain: 'cluster.local',
    ports,
    nodes: [],
  };
}

/** The n-th address of a CIDR: 1 is the API server's in the service CIDR, 10 the cluster DNS's. */
export function addressInCidr(cidr: string, n: number): string {
  const [base = '', bits] = cidr.split('/');
  const octets = base.split('.').map(Number);
  if (octets.length !== 4 || octets.some((octet) => !(octet >= 0 && octet <= 255)) || !bits) {
    throw new SetupError(`"${cidr}" is not an IPv4 CIDR.`);
  }
  const value = octets.reduce((sum, octet) => sum * 256 + octet, 0) + n;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** The address of kube-dns by convention. */
export const dnsAddressOf = (cluster: Pick<Cluster, 'serviceCidr'>): string => addressInCidr(cluster.serviceCidr, 10);

/** The name of the user's kubeconfig context. */
export const contextNameOf = (clusterName: string): string =>
  clusterName === defaultClusterName ? defaultClusterName : `kubelab-${clusterName}`;

/** Undefined when this host has no such cluster. */
export async function readCluster(layout: Layout): Promise<Cluster | undefined> {
  try {
    return JSON.parse(await readFile(layout.cluster, 'utf8')) as Cluster;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SetupError(`${layout.cluster} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

export const writeCluster = (layout: Layout, cluster: Cluster): Promise<void> =>
  writeFileAtomic(layout.cluster, `${JSON.stringify(cluster, undefined, 2)}\n`);

/** Readers see the old content or the new one, never a part. */
export async function writeFileAtomic(path: string, content: string, mode = 0o600): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, content, { mode });
  await rename(temporary, path);
}
