/** ConfigMaps in which the API server tells others how to trust it. */
import { configMaps } from '../../api/core/v1/configmap';
import type { RequestHeaderOptions } from '../authentication/request-header';
import type { Loopback } from '../registry/loopback';
import type { ApiServerController } from './controller';
import { ensure } from './ensure';

const writeData = async (
  loopback: Loopback,
  namespace: string,
  name: string,
  data: Record<string, string>,
): Promise<void> => {
  await ensure(loopback, configMaps, { metadata: { name, namespace }, data }, (current) => {
    current.data = { ...current.data, ...data };
  });
};

export interface TrustFacts {
  /** PEM of the CA of client certificates. */
  clientCaPem?: string;
  requestHeader?: RequestHeaderOptions;
}

/** What extension servers need to know whom to trust. Upstream: `controller/clusterauthenticationtrust`. */
export const extensionAuthentication = (loopback: Loopback, facts: TrustFacts): ApiServerController => ({
  name: 'start-cluster-authentication-info-controller',
  everyMs: 60_000,
  start: () => writeData(loopback, 'kube-system', 'extension-apiserver-authentication', trustData(facts)),
});

export function trustData({ clientCaPem, requestHeader }: TrustFacts): Record<string, string> {
  return {
    ...(clientCaPem && { 'client-ca-file': clientCaPem }),
    ...(requestHeader && {
      'requestheader-client-ca-file': requestHeader.caPem,
      'requestheader-allowed-names': JSON.stringify(requestHeader.allowedNames),
      'requestheader-username-headers': JSON.stringify(requestHeader.usernameHeaders),
      'requestheader-uid-headers': JSON.stringify(requestHeader.uidHeaders),
      'requestheader-group-headers': JSON.stringify(requestHeader.groupHeaders),
      'requestheader-extra-headers-prefix': JSON.stringify(requestHeader.extraHeaderPrefixes),
    }),
  };
}

/** kubeadm's cluster-info: where the cluster is and its CA, for whoever joins and can check the CA's hash. */
export const clusterInfo = (loopback: Loopback, facts: { server: string; caPem: string }): ApiServerController => ({
  name: 'cluster-info',
  start: () => writeData(loopback, 'kube-public', 'cluster-info', { kubeconfig: clusterInfoKubeconfig(facts) }),
});

/** A kubeconfig with a cluster and no user. JSON is YAML. */
export const clusterInfoKubeconfig = ({ server, caPem }: { server: string; caPem: string }): string =>
  `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: '', cluster: { server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') } },
      ],
      contexts: null,
      'current-context': '',
      users: null,
    },
    null,
    2,
  )}\n`;
