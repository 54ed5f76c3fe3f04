/** A kubelet's first identity: with a bootstrap kubeconfig it asks for its client certificate, and writes its own kubeconfig. */
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadKubeconfig } from '../../client/kubeconfig';
import { createRestClient } from '../../client/rest-client';
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import { createCertificateManager } from './certificate-manager';
import type { CertificateRequest } from './signing-request';

export const clientCertificateRequest = (nodeName: string): CertificateRequest => ({
  signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
  usages: ['digital signature', 'client auth'],
  commonName: `system:node:${nodeName}`,
  organization: 'system:nodes',
});

export const servingCertificateRequest = (nodeName: string, ip: string): CertificateRequest => ({
  signerName: 'kubernetes.io/kubelet-serving',
  usages: ['digital signature', 'server auth'],
  commonName: `system:node:${nodeName}`,
  organization: 'system:nodes',
  ipAddresses: [ip],
  dnsNames: [nodeName],
});

export interface BootstrapOptions {
  kubeconfig: string;
  bootstrapKubeconfig: string;
  certDir: string;
  nodeName: string;
  clock: Clock;
  log: Logger;
}

export const clientCertificateName = 'kubelet-client-current';

/** Does nothing when the kubeconfig is there already. */
export async function bootstrapIdentity(options: BootstrapOptions, signal: AbortSignal): Promise<void> {
  const { kubeconfig, bootstrapKubeconfig, certDir, nodeName, clock, log } = options;
  if (existsSync(kubeconfig) || !bootstrapKubeconfig) return;
  const cluster = await loadKubeconfig(bootstrapKubeconfig);
  const client = createRestClient(cluster, { userAgent: 'kubelet' });
  const request = (): CertificateRequest => clientCertificateRequest(nodeName);
  const manager = createCertificateManager({ client, clock, log, certDir, name: clientCertificateName, request });
  await manager.ready(signal);
  await client.close();
  await mkdir(path.dirname(kubeconfig), { recursive: true });
  const text = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'default-cluster',
        cluster: {
          server: cluster.server,
          ...(cluster.ca && { 'certificate-authority-data': cluster.ca.toString('base64') }),
        },
      },
    ],
    users: [{ name: 'default-auth', user: { 'client-certificate': manager.file, 'client-key': manager.file } }],
    contexts: [{ name: 'default-context', context: { cluster: 'default-cluster', user: 'default-auth' } }],
    'current-context': 'default-context',
  };
  // JSON is YAML. That the file exists ends the bootstrap, so it must be whole when it does.
  await writeFile(`${kubeconfig}.new`, `${JSON.stringify(text, null, 2)}\n`, { mode: 0o600 });
  await rename(`${kubeconfig}.new`, kubeconfig);
}
