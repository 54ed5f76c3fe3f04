/** Which addresses and ports of the services lead to which of our listeners, and which are closed. Pure. Upstream: `syncProxyRules`. */
import type { ClosedPort, Mapping } from './portal';
import type { ServicePortEntry } from './service-map';

export interface ListeningPort {
  entry: ServicePortEntry;
  /** The high port of connections to the cluster IP. */
  internalPort: number;
  /** The high port of those to external addresses; undefined without such addresses. */
  externalPort: number | undefined;
}

const has = (entry: ServicePortEntry, scope: 'cluster' | 'local'): boolean =>
  [...entry.targets.values()].some((targets) => targets[scope].length > 0);

/** An address without endpoints is not mapped, so that the portal rejects what is sent to it. */
export function mappingsOf({ entry, internalPort, externalPort }: ListeningPort): Mapping[] {
  const { protocol, port, clusterIP, externalIPs, loadBalancerIPs, loadBalancerSources } = entry;
  if (!entry.hasEndpoints) return [];
  const base = { protocol, port, listenAddress: clusterIP };
  const isReachable = has(entry, entry.isInternalLocal ? 'local' : 'cluster');
  const external = externalPort === undefined ? undefined : { ...base, listenPort: externalPort };
  const restricted = loadBalancerSources && { sources: loadBalancerSources };
  return [
    ...(isReachable ? [{ ...base, address: clusterIP, listenPort: internalPort }] : []),
    ...(external ? externalIPs.map((address) => ({ ...external, address })) : []),
    ...(external ? loadBalancerIPs.map((address) => ({ ...external, address, ...restricted })) : []),
  ];
}

/** Rejected while there are no endpoints at all; dropped while there are, but none that this client may have. */
export function closedPortsOf({ entry, externalPort }: ListeningPort): ClosedPort[] {
  const { protocol, port, clusterIP, nodePort, externalIPs, loadBalancerIPs, loadBalancerSources } = entry;
  if (!entry.hasEndpoints) {
    const verdict = 'REJECT';
    return [
      ...(nodePort === undefined ? [] : [{ protocol, port: nodePort, verdict } as const]),
      ...[...externalIPs, ...loadBalancerIPs].map((address) => ({ protocol, address, port, verdict }) as const),
    ];
  }
  const verdict = 'DROP';
  const closed: ClosedPort[] = [];
  if (entry.isInternalLocal && !has(entry, 'local')) closed.push({ protocol, address: clusterIP, port, verdict });
  if (loadBalancerSources) {
    closed.push(...loadBalancerIPs.map((address) => ({ protocol, address, port, verdict }) as const));
  }
  if (entry.isExternalLocal && !has(entry, 'local')) {
    const outside = { protocol, verdict, outsideOnly: true } as const;
    if (nodePort !== undefined) closed.push({ ...outside, port: nodePort });
    if (externalPort !== undefined) closed.push({ ...outside, address: clusterIP, port: externalPort });
  }
  return closed;
}
