/**
 * The token that `up` prints and `join` takes: where the API server is, a bootstrap token as kubeadm's, and the hash of the
 * CA's public key, by which the joining host knows that it speaks to the right cluster.
 */
import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { configMaps } from '../api/core/v1/configmap';
import { secrets } from '../api/core/v1/secret';
import { roleBindings, roles } from '../api/rbac/v1';
import { formatTime } from '../component-base/clock';
import { createOrKeep } from './addons';
import type { Cluster } from './cluster';
import type { ClusterApi } from './cluster-api';
import { SetupError } from './setup-error';

const lifeMs = 86_400_000;

/** The ConfigMap in kube-system that tells a joining host what the cluster looks like. */
export const clusterConfigName = 'kubelab-config';

export interface JoinToken {
  /** `host:port`. */
  server: string;
  /** `id.secret`. */
  bearer: string;
  /** SHA-256 of the CA's public key, in hex, as kubeadm's discovery hash. */
  caHash: string;
}

/** SHA-256 over the DER form of the certificate's public key. */
export const publicKeyHash = (certificate: X509Certificate): string =>
  createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');

export const formatJoinToken = ({ server, bearer, caHash }: JoinToken): string =>
  `${server}/${bearer}/sha256:${caHash}`;

/** Throws SetupError when the text is not a token. */
export function parseJoinToken(text: string): JoinToken {
  const match = /^([^/\s]+:\d+)\/([a-z0-9]{6}\.[a-z0-9]{16})\/sha256:([0-9a-f]{64})$/.exec(text.trim());
  if (!match) {
    throw new SetupError('That is not a join token.', {
      remedy: 'Copy the line that "npm run up" prints on the first host: npm run join -- <token>.',
    });
  }
  const [, server = '', bearer = '', caHash = ''] = match;
  return { server, bearer, caHash };
}

/** Letters and digits as upstream's bootstrap tokens allow. */
function randomText(length: number): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 252 && text.length < length) text += alphabet[byte % 36];
    }
  }
  return text;
}

/** What a joining host needs to know, as the ConfigMap's `cluster.json`. */
export type SharedClusterFacts = Pick<
  Cluster,
  'name' | 'id' | 'podCidr' | 'nodeMaskSize' | 'serviceCidr' | 'serviceNodePortRange' | 'clusterDomain' | 'ports'
>;

/** Lets the holders of bootstrap tokens read the cluster's facts. */
async function allowReading(api: ClusterApi): Promise<void> {
  const metadata = { name: `kubelab:${clusterConfigName}`, namespace: 'kube-public' };
  const apiGroup = 'rbac.authorization.k8s.io';
  await createOrKeep(api, roles, {
    apiVersion: `${apiGroup}/v1`,
    kind: 'Role',
    metadata,
    rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: [clusterConfigName], verbs: ['get'] }],
  });
  await createOrKeep(api, roleBindings, {
    apiVersion: `${apiGroup}/v1`,
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup, kind: 'Role', name: metadata.name },
    subjects: [{ apiGroup, kind: 'Group', name: 'system:bootstrappers' }],
  });
}

/** Makes a bootstrap token that lives for a day, and gives the join token. */
export async function publishJoinToken(api: ClusterApi, cluster: Cluster, caPem: string): Promise<string> {
  const { name, id, podCidr, nodeMaskSize, serviceCidr, serviceNodePortRange, clusterDomain, ports } = cluster;
  const facts: SharedClusterFacts = {
    name,
    id,
    podCidr,
    nodeMaskSize,
    serviceCidr,
    serviceNodePortRange,
    clusterDomain,
    ports,
  };
  await createOrKeep(api, configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: clusterConfigName, namespace: 'kube-public' },
    data: { 'cluster.json': JSON.stringify(facts) },
  });
  await allowReading(api);
  const tokenId = randomText(6);
  const tokenSecret = randomText(16);
  await api.create(secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `bootstrap-token-${tokenId}`, namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      'token-id': tokenId,
      'token-secret': tokenSecret,
      expiration: formatTime(Date.now() + lifeMs),
      'usage-bootstrap-authentication': 'true',
      'usage-bootstrap-signing': 'true',
      'auth-extra-groups': 'system:bootstrappers:kubelab:default-node-token',
      description: 'For a host to join the cluster; made by npm run up.',
    },
  });
  return formatJoinToken({
    server: `${cluster.hostAddress}:${cluster.ports.apiserver}`,
    bearer: `${tokenId}.${tokenSecret}`,
    caHash: publicKeyHash(new X509Certificate(caPem)),
  });
}
