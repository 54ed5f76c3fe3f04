/** The processes of a cluster on this host, with their flags: what the supervisor keeps running. */
import { join, resolve } from 'node:path';
import { buildId } from './build-id';
import { type Cluster, dnsAddressOf, type Layout } from './cluster';
import type { ControlPlaneFiles } from './certificates';
import type { Configurable } from './extra-config';
import { engineSocket } from './engine';
import { pauseImage } from './images';

/** One supervised process. `name` also names its log file. */
export interface ProcessSpec {
  name: string;
  command: string;
  args: string[];
  env?: Record<string, string>;
  /** Of our own programs: another build of one is another program, and takes the place of the one that runs. */
  build?: string;
  /** How long it may take to stop before it is killed. */
  stopTimeoutMs: number;
}

type Flags = Record<string, string | number | boolean>;

const toArgs = (flags: Flags): string[] => Object.entries(flags).map(([name, value]) => `--${name}=${value}`);

/** Where the compiled components are: the parent of this file's folder. */
const distFolder = resolve(__dirname, '..');

function component(cluster: Cluster, name: string, folder: Exclude<Configurable, 'etcd'>, flags: Flags): ProcessSpec {
  const all = { ...flags, ...cluster.extraFlags?.[folder] };
  return {
    name,
    command: process.execPath,
    args: [...nodeOptions, join(distFolder, folder, 'main.js'), ...toArgs(all)],
    build: buildId,
    stopTimeoutMs: 15_000,
  };
}

/**
 * A small young generation keeps idle processes small, a heap that grows by no more than it needs busy ones, and two threads
 * beside the main one are enough to collect garbage. etcd's address is an IP, which Node warns of as a TLS server name.
 */
export const nodeOptions = [
  '--enable-source-maps',
  '--max-semi-space-size=8',
  '--v8-pool-size=2',
  '--heap-growing-percent=60',
  '--disable-warning=DEP0123',
];

/**
 * glibc gives freed memory back above this, its own default, which it would raise with the largest block it has seen freed: an
 * API server that once served a long list would keep all that it ever took.
 */
export const apiServerEnv = { MALLOC_TRIM_THRESHOLD_: String(128 * 1024) };

export function etcdProcess(cluster: Cluster, layout: Layout, files: ControlPlaneFiles): ProcessSpec {
  const client = `https://127.0.0.1:${cluster.ports.etcdClient}`;
  const peer = `https://127.0.0.1:${cluster.ports.etcdPeer}`;
  const flags: Flags = {
    name: 'default',
    'data-dir': layout.etcd,
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
    'cert-file': files.etcdServer.cert,
    'key-file': files.etcdServer.key,
    'trusted-ca-file': files.etcdCa.files.cert,
    'client-cert-auth': true,
    'peer-cert-file': files.etcdServer.cert,
    'peer-key-file': files.etcdServer.key,
    'peer-trusted-ca-file': files.etcdCa.files.cert,
    'peer-client-cert-auth': true,
    'snapshot-count': 10_000,
    'quota-backend-bytes': 4 * 1024 ** 3,
    'log-level': 'warn',
    ...cluster.extraFlags?.etcd,
  };
  return { name: 'etcd', command: 'etcd', args: toArgs(flags), stopTimeoutMs: 10_000 };
}

export function controlPlaneProcesses(
  cluster: Cluster,
  layout: Layout,
  files: ControlPlaneFiles,
  kubeconfigs: Record<string, string>,
): ProcessSpec[] {
  const { ports } = cluster;
  const caFile = files.ca.files.cert;
  const leader = (kubeconfig: string, port: number, pair: { cert: string; key: string }, name: string): Flags => ({
    kubeconfig,
    'leader-elect': true,
    'leader-elect-identity': `${cluster.id}-${name}`,
    'bind-address': '127.0.0.1',
    'secure-port': port,
    'tls-cert-file': pair.cert,
    'tls-private-key-file': pair.key,
    'client-ca-file': caFile,
  });
  return [
    etcdProcess(cluster, layout, files),
    {
      ...component(cluster, 'kube-apiserver', 'apiserver', {
        'secure-port': ports.apiserver,
        'bind-address': '0.0.0.0',
        'advertise-address': cluster.hostAddress,
        'etcd-servers': `https://127.0.0.1:${ports.etcdClient}`,
        'etcd-cafile': files.etcdCa.files.cert,
        'etcd-certfile': files.apiserverEtcdClient.cert,
        'etcd-keyfile': files.apiserverEtcdClient.key,
        'tls-cert-file': files.apiserver.cert,
        'tls-private-key-file': files.apiserver.key,
        'client-ca-file': caFile,
        'service-account-key-file': files.serviceAccount.publicKey,
        'service-account-signing-key-file': files.serviceAccount.privateKey,
        'service-account-issuer': `https://kubernetes.default.svc.${cluster.clusterDomain}`,
        'service-cluster-ip-range': cluster.serviceCidr,
        'service-node-port-range': cluster.serviceNodePortRange,
        'kubelet-client-certificate': files.apiserverKubeletClient.cert,
        'kubelet-client-key': files.apiserverKubeletClient.key,
        'kubelet-certificate-authority': caFile,
        'enable-bootstrap-token-auth': true,
        'proxy-client-cert-file': files.frontProxyClient.cert,
        'proxy-client-key-file': files.frontProxyClient.key,
        'requestheader-client-ca-file': files.frontProxyCa.files.cert,
        'requestheader-allowed-names': 'front-proxy-client',
      }),
      env: apiServerEnv,
    },
    component(cluster, 'kube-scheduler', 'scheduler', {
      ...leader(kubeconfigs['kube-scheduler'] ?? '', ports.scheduler, files.scheduler, 'kube-scheduler'),
    }),
    component(cluster, 'kube-controller-manager', 'controller-manager', {
      ...leader(
        kubeconfigs['kube-controller-manager'] ?? '',
        ports.controllerManager,
        files.controllerManager,
        'kube-controller-manager',
      ),
      'allocate-node-cidrs': true,
      'cluster-cidr': cluster.podCidr,
      'node-cidr-mask-size': cluster.nodeMaskSize,
      'service-cluster-ip-range': cluster.serviceCidr,
      'cluster-signing-cert-file': caFile,
      'cluster-signing-key-file': files.ca.files.key,
      'root-ca-file': caFile,
      'service-account-private-key-file': files.serviceAccount.privateKey,
    }),
  ];
}

export interface NodeFiles {
  caFile: string;
  kubeletKubeconfig: string;
  bootstrapKubeconfig?: string;
  /** `bridge` for nodes that share the engine, else the host's address. */
  nodeIp: string;
}

export function kubeletProcess(cluster: Cluster, layout: Layout, node: string, files: NodeFiles): ProcessSpec {
  return component(cluster, `kubelet-${node}`, 'kubelet', {
    kubeconfig: files.kubeletKubeconfig,
    ...(files.bootstrapKubeconfig && { 'bootstrap-kubeconfig': files.bootstrapKubeconfig }),
    'hostname-override': node,
    'root-dir': layout.node(node),
    'cert-dir': join(layout.node(node), 'pki'),
    'pod-manifest-path': join(layout.node(node), 'manifests'),
    'node-ip': files.nodeIp,
    'host-address': cluster.hostAddress,
    'cluster-dns': dnsAddressOf(cluster),
    'cluster-domain': cluster.clusterDomain,
    'client-ca-file': files.caFile,
    'container-runtime-endpoint': `unix://${engineSocket()}`,
    'pod-infra-container-image': pauseImage,
    'cluster-id': cluster.id,
    'cluster-cidr': cluster.podCidr,
    'service-cluster-ip-range': cluster.serviceCidr,
    'rotate-server-certificates': true,
    'healthz-port': cluster.nodes[0] === node ? cluster.ports.kubeletHealth : 0,
    // The disk is not the cluster's alone: that it is nearly full, as on many a laptop, is no reason to end pods or to delete
    // images of others.
    'eviction-hard': 'memory.available<100Mi',
    'image-gc-high-threshold': 100,
  });
}

export function proxyProcess(cluster: Cluster, node: string, kubeconfig: string): ProcessSpec {
  return component(cluster, 'kube-proxy', 'kube-proxy', {
    kubeconfig,
    'hostname-override': node,
    'service-cluster-ip-range': cluster.serviceCidr,
    'cluster-cidr': cluster.podCidr,
    'cluster-dns': dnsAddressOf(cluster),
    'cluster-domain': cluster.clusterDomain,
    'cluster-id': cluster.id,
    'healthz-bind-address': `127.0.0.1:${cluster.ports.proxyHealth}`,
    'metrics-bind-address': `127.0.0.1:${cluster.ports.proxyMetrics}`,
  });
}
