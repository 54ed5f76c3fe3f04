/** Where a node's kubelet is, and how the API server proves itself to it. Upstream: `pkg/kubelet/client/kubelet_client.go`. */
import https from 'node:https';
import { type Node, nodes } from '../../api/core/v1/node';
import { newInternalError } from '../../api/meta/status-error';
import type { Logger } from '../../component-base/logger';
import { readPem, watchFiles } from '../../component-base/tls';
import type { Loopback } from '../registry/loopback';
import type { Backend } from './relay';

export interface KubeletClientFiles {
  certFile: string;
  keyFile: string;
  caFile: string;
  /** `InternalIP`, `Hostname`, …, best first. */
  preferredAddressTypes: string[];
}

const defaultPort = 10_250;

/** Pure: host and port; throws when the node reports no address of a preferred type. */
export function kubeletAddress(node: Node, preferredTypes: string[]): { host: string; port: number } {
  const addresses = node.status?.addresses ?? [];
  for (const wanted of preferredTypes) {
    const found = addresses.find(({ type }) => type === wanted);
    if (found) return { host: found.address, port: node.status?.daemonEndpoints?.kubeletEndpoint?.Port || defaultPort };
  }
  throw newInternalError(
    `no preferred addresses found; known addresses: [${addresses.map(({ type }) => type).join(' ')}]`,
  );
}

/** Gives the backend of a node by name. Throws NotFound. */
export type KubeletBackends = (nodeName: string) => Promise<Backend>;

export function createKubeletBackends(loopback: Loopback, files: KubeletClientFiles, log: Logger): KubeletBackends {
  const read = (): https.AgentOptions => ({
    ...(files.certFile && { cert: readPem(files.certFile, '--kubelet-client-certificate') }),
    ...(files.keyFile && { key: readPem(files.keyFile, '--kubelet-client-key') }),
    ...(files.caFile
      ? { ca: readPem(files.caFile, '--kubelet-certificate-authority') }
      : { rejectUnauthorized: false }),
  });
  let tls = read();
  let agent = new https.Agent({ ...tls, keepAlive: true });
  const unwatch = watchFiles([files.certFile, files.keyFile, files.caFile].filter(Boolean), () => {
    log.info('The certificate for kubelets changed');
    tls = read();
    agent = new https.Agent({ ...tls, keepAlive: true });
  });
  loopback.signal.addEventListener('abort', unwatch, { once: true });
  return async (nodeName) => {
    const { object } = await loopback.stores.of(nodes).get(loopback.context, '', nodeName, { resourceVersion: '0' });
    return { scheme: 'https', ...kubeletAddress(object, files.preferredAddressTypes), agent, tls };
  };
}
