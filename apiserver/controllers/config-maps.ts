/** ConfigMaps in which the API server tells others how to trust it. */
import { configMaps } from '../../api/core/v1/configmap';
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

/** For components that check client certificates themselves. Upstream: `controller/clusterauthenticationtrust`. */
export const extensionAuthentication = (loopback: Loopback, clientCaPem: string): ApiServerController => ({
  name: 'start-cluster-authentication-info-controller',
  everyMs: 60_000,
  start: () =>
    writeData(loopback, 'kube-system', 'extension-apiserver-authentication', { 'client-ca-file': clientCaPem }),
});

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
