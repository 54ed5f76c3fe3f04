/** What follows from a Service's type. Upstream: `pkg/api/service/util.go`. */
import type { Service, ServiceSpec } from './types';

export const isHeadless = (spec: ServiceSpec): boolean => (spec.clusterIPs?.[0] ?? spec.clusterIP) === 'None';

/** Node ports, load balancers, or external addresses lead to it. */
export const isExternallyAccessible = (spec: ServiceSpec): boolean =>
  spec.type === 'LoadBalancer' ||
  spec.type === 'NodePort' ||
  (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0);

export const needsHealthCheck = ({ spec }: Service): boolean =>
  spec?.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';

/** Every type but ExternalName has a cluster address, or "None". */
export const needsClusterIp = ({ spec }: Service): boolean => spec?.type !== 'ExternalName';

export const needsNodePort = ({ spec }: Service): boolean =>
  spec?.type === 'NodePort' || (spec?.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
