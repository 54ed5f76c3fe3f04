/** Which addresses and ports a Service holds. Pure. Upstream: `registry/core/service/storage/alloc.go`. */
import type { Service, ServicePort } from '../../../api/core/v1/service';
import { needsClusterIp } from '../../../api/core/v1/service/facts';

/** Addresses the service holds in the cluster range. */
export function addressesOf(service: Service | undefined): string[] {
  if (!service || !needsClusterIp(service)) return [];
  const { clusterIP, clusterIPs } = service.spec ?? {};
  return [...new Set([...(clusterIPs ?? []), clusterIP ?? ''])].filter((ip) => ip && ip !== 'None');
}

/** Node ports the service holds, each once although TCP and UDP may share it. */
export function nodePortsOf(service: Service | undefined): string[] {
  const ports = new Set<string>();
  for (const { nodePort } of service?.spec?.ports ?? []) if (nodePort) ports.add(String(nodePort));
  if (service?.spec?.healthCheckNodePort) ports.add(String(service.spec.healthCheckNodePort));
  return [...ports];
}

/** A node port that another entry with the same service port (of another protocol) has or asks for. */
export const siblingNodePort = (port: ServicePort, ports: readonly ServicePort[]): number | undefined =>
  ports.find(
    (other) => other !== port && other.port === port.port && other.protocol !== port.protocol && other.nodePort,
  )?.nodePort;
