/** Reads a kubeconfig, or a pod's service account, into what the REST client needs. Upstream: `client-go/tools/clientcmd`. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { readPem } from '../component-base/tls';
import type { ClusterConfig } from './cluster-config';

interface Named {
  name?: string;
}

/** The parts of `v1.Config` that are understood. */
interface Kubeconfig {
  'current-context'?: string;
  contexts?: (Named & { context?: { cluster?: string; user?: string; namespace?: string } })[];
  clusters?: (Named & { cluster?: Record<string, unknown> })[];
  users?: (Named & { user?: Record<string, unknown> })[];
}

/**
 * The cluster and user of a context, by default the current one. Paths in the file are relative to it. Throws one sentence
 * when the file cannot be read, or names what it does not have.
 */
export async function loadKubeconfig(path: string, context?: string): Promise<ClusterConfig> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`cannot read kubeconfig ${path}: ${cause.code ?? cause.message}`, { cause });
  });
  let config: Kubeconfig;
  try {
    config = (parse(text) ?? {}) as Kubeconfig;
  } catch (cause) {
    throw new Error(`kubeconfig ${path} is not valid YAML: ${(cause as Error).message.split('\n')[0]}`, { cause });
  }
  const name = context ?? config['current-context'] ?? '';
  const found = config.contexts?.find((entry) => entry.name === name)?.context;
  if (!found) throw new Error(`kubeconfig ${path}: context "${name}" does not exist`);
  const cluster = config.clusters?.find((entry) => entry.name === found.cluster)?.cluster;
  if (!cluster) throw new Error(`kubeconfig ${path}: cluster "${found.cluster}" does not exist`);
  const user = config.users?.find((entry) => entry.name === found.user)?.user ?? {};
  return toClusterConfig(cluster, user, dirname(resolve(path)));
}

function toClusterConfig(
  cluster: Record<string, unknown>,
  user: Record<string, unknown>,
  folder: string,
): ClusterConfig {
  const text = (from: Record<string, unknown>, key: string): string | undefined =>
    typeof from[key] === 'string' && from[key] !== '' ? from[key] : undefined;
  const file = (from: Record<string, unknown>, key: string): string | undefined => {
    const path = text(from, key);
    return path === undefined ? undefined : resolve(folder, path);
  };
  /** `…-data` wins over the path, as upstream has it. */
  const pem = (from: Record<string, unknown>, key: string): { data?: Buffer; path?: string } => {
    const data = text(from, `${key}-data`);
    if (data !== undefined) return { data: Buffer.from(data, 'base64') };
    const path = file(from, key);
    return path === undefined ? {} : { data: readPem(path, key), path };
  };
  const server = text(cluster, 'server');
  if (!server) throw new Error('kubeconfig: the cluster has no server');
  const ca = pem(cluster, 'certificate-authority');
  const cert = pem(user, 'client-certificate');
  const key = pem(user, 'client-key');
  const token = text(user, 'token');
  const tokenFile = file(user, 'tokenFile');
  const tlsServerName = text(cluster, 'tls-server-name');
  return {
    server: server.replace(/\/+$/, ''),
    ...(ca.data && { ca: ca.data }),
    ...(ca.path && { caFile: ca.path }),
    ...(cert.data && { clientCert: cert.data }),
    ...(cert.path && { clientCertFile: cert.path }),
    ...(key.data && { clientKey: key.data }),
    ...(key.path && { clientKeyFile: key.path }),
    ...(token && { token }),
    ...(tokenFile && { tokenFile }),
    ...(tlsServerName && { tlsServerName }),
    ...(cluster['insecure-skip-tls-verify'] === true && { insecureSkipTlsVerify: true }),
  };
}

const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The API server as a pod sees it; undefined outside a pod. */
export function inClusterConfig(env: NodeJS.ProcessEnv = process.env): ClusterConfig | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  const tokenFile = `${serviceAccountFolder}/token`;
  if (!host || !port || !existsSync(tokenFile)) return undefined;
  const caFile = `${serviceAccountFolder}/ca.crt`;
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ca: readPem(caFile, 'certificate authority'),
    caFile,
    tokenFile,
  };
}
