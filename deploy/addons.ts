/** Objects that every cluster has beyond what its components make themselves. */
import { services } from '../api/core/v1/service';
import type { KubeObject } from '../api/meta/types';
import type { ResourceDefinition } from '../api/meta/resource-definition';
import { isNotFound } from '../api/meta/status-error';
import { type Cluster, dnsAddressOf } from './cluster';
import type { ClusterApi } from './cluster-api';

/** An object of that name which is there already stays as it is. */
export async function createOrKeep<T extends KubeObject>(
  api: ClusterApi,
  def: ResourceDefinition<T>,
  object: T,
): Promise<void> {
  const { name = '', namespace } = object.metadata ?? {};
  try {
    await api.get(def, name, namespace);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await api.create(def, object);
  }
}

/**
 * The Service whose address every pod's resolv.conf names. It has no selector: kube-proxy itself answers there, until a
 * selector is given to it (for CoreDNS, say).
 */
export const ensureDnsService = (api: ClusterApi, cluster: Cluster): Promise<void> =>
  createOrKeep(api, services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'kube-dns',
      namespace: 'kube-system',
      labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
    },
    spec: {
      clusterIP: dnsAddressOf(cluster),
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
      ],
    },
  });
