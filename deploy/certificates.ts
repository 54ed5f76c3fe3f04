/** Which certificates a control plane needs, and the kubeconfigs made of them: the identities that RBAC knows. */
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { addressInCidr, type Cluster, type Layout, writeFileAtomic } from './cluster';
import { hostAddresses } from './host-network';
import { type CertificateAuthority, ensureAuthority, ensureLeaf, ensureSigningKey, type KeyPairFiles } from './pki';

export interface ControlPlaneFiles {
  ca: CertificateAuthority;
  etcdCa: CertificateAuthority;
  /** Of front proxies alone: whom it vouches for may name any user. */
  frontProxyCa: CertificateAuthority;
  etcdServer: KeyPairFiles;
  apiserver: KeyPairFiles;
  apiserverEtcdClient: KeyPairFiles;
  apiserverKubeletClient: KeyPairFiles;
  frontProxyClient: KeyPairFiles;
  scheduler: KeyPairFiles;
  controllerManager: KeyPairFiles;
  admin: KeyPairFiles;
  serviceAccount: { privateKey: string; publicKey: string };
}

/** Makes what is missing or about to expire, in parallel. */
export async function ensureControlPlaneFiles(cluster: Cluster, layout: Layout): Promise<ControlPlaneFiles> {
  const folder = layout.pki;
  const [ca, etcdCa, frontProxyCa, serviceAccount] = await Promise.all([
    ensureAuthority(folder, 'ca', 'kubernetes'),
    ensureAuthority(folder, 'etcd-ca', 'etcd-ca'),
    ensureAuthority(folder, 'front-proxy-ca', 'front-proxy-ca'),
    ensureSigningKey(folder),
  ]);
  const local = ['localhost', '127.0.0.1'];
  const apiserverHosts = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    `kubernetes.default.svc.${cluster.clusterDomain}`,
    hostname().toLowerCase(),
    ...local,
    addressInCidr(cluster.serviceCidr, 1),
    ...new Set([cluster.hostAddress, ...hostAddresses()]),
  ];
  const both: ('server' | 'client')[] = ['server', 'client'];
  const [
    etcdServer,
    apiserver,
    apiserverEtcdClient,
    apiserverKubeletClient,
    frontProxyClient,
    scheduler,
    controllerManager,
    admin,
  ] = await Promise.all([
    ensureLeaf(etcdCa, folder, 'etcd-server', { commonName: 'etcd', hosts: local, usages: both }),
    ensureLeaf(ca, folder, 'apiserver', { commonName: 'kube-apiserver', hosts: apiserverHosts, usages: ['server'] }),
    ensureLeaf(etcdCa, folder, 'apiserver-etcd-client', { commonName: 'kube-apiserver', usages: ['client'] }),
    ensureLeaf(ca, folder, 'apiserver-kubelet-client', {
      commonName: 'kube-apiserver-kubelet-client',
      usages: ['client'],
    }),
    ensureLeaf(frontProxyCa, folder, 'front-proxy-client', { commonName: 'front-proxy-client', usages: ['client'] }),
    ensureLeaf(ca, folder, 'scheduler', { commonName: 'system:kube-scheduler', hosts: local, usages: both }),
    ensureLeaf(ca, folder, 'controller-manager', {
      commonName: 'system:kube-controller-manager',
      hosts: local,
      usages: both,
    }),
    ensureLeaf(ca, folder, 'admin', {
      commonName: 'kubernetes-admin',
      organizations: ['system:masters'],
      usages: ['client'],
    }),
  ]);
  return {
    ca,
    etcdCa,
    frontProxyCa,
    etcdServer,
    apiserver,
    apiserverEtcdClient,
    apiserverKubeletClient,
    frontProxyClient,
    scheduler,
    controllerManager,
    admin,
    serviceAccount,
  };
}

/** Writes the kubeconfig of one identity. `cert` and `key` are named as files, so that a renewed certificate is picked up. */
export async function writeKubeconfig(
  path: string,
  server: string,
  caFile: string,
  pair: KeyPairFiles,
): Promise<string> {
  const content = stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'kubelab', cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name: 'self', user: { 'client-certificate': pair.cert, 'client-key': pair.key } }],
    contexts: [{ name: 'kubelab', context: { cluster: 'kubelab', user: 'self' } }],
    'current-context': 'kubelab',
  });
  if ((await readFile(path, 'utf8').catch(() => '')) !== content) await writeFileAtomic(path, content);
  return path;
}

/** The kubeconfigs of the control plane's processes and of this host's nodes, by process name. */
export async function ensureKubeconfigs(
  cluster: Cluster,
  layout: Layout,
  files: ControlPlaneFiles,
): Promise<Record<string, string>> {
  const caFile = files.ca.files.cert;
  const pairs: Record<string, KeyPairFiles> = {
    'kube-scheduler': files.scheduler,
    'kube-controller-manager': files.controllerManager,
    admin: files.admin,
    'kube-proxy': await ensureLeaf(files.ca, layout.pki, 'kube-proxy', {
      commonName: 'system:kube-proxy',
      usages: ['client'],
    }),
  };
  for (const node of cluster.nodes) {
    pairs[`kubelet-${node}`] = await ensureLeaf(files.ca, layout.pki, `kubelet-${node}`, {
      commonName: `system:node:${node}`,
      organizations: ['system:nodes'],
      usages: ['client'],
    });
  }
  const written = Object.entries(pairs).map(async ([name, pair]) => {
    const path = join(layout.kubeconfigs, `${name}.kubeconfig`);
    return [name, await writeKubeconfig(path, cluster.server, caFile, pair)] as const;
  });
  return Object.fromEntries(await Promise.all(written));
}
