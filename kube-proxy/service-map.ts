/**
 * What to balance, from Services and EndpointSlices: one entry for each port of each Service, with its addresses and the
 * endpoints to use now. Pure. Upstream: `pkg/proxy/{servicechangetracker,endpointschangetracker,topology}.go`.
 */
import type { Service, ServicePort } from '../api/core/v1/service';
import type { Endpoint, EndpointSlice } from '../api/discovery/v1/endpointslice';
import { keyOf } from '../api/meta/types';

export type Protocol = 'TCP' | 'UDP';

export interface Target {
  address: string;
  port: number;
}

/** One port of one Service. */
export interface ServicePortEntry {
  /** `namespace/name:port/protocol`. */
  id: string;
  protocol: Protocol;
  clusterIP: string;
  port: number;
  /** Addresses outside the cluster that are this Service's too: external IPs, a load balancer's. */
  externalIPs: string[];
  nodePort: number | undefined;
  /** How long a client stays with its endpoint; undefined without session affinity. */
  affinityMs: number | undefined;
  /** For connections to the cluster IP from this host and its pods. */
  internalTargets: Target[];
  /** For connections from outside. */
  externalTargets: Target[];
}

export const serviceNameLabel = 'kubernetes.io/service-name';

/** The key of the Service that a slice belongs to; undefined for a slice of none. */
export function serviceKeyOf(slice: EndpointSlice): string | undefined {
  const name = slice.metadata?.labels?.[serviceNameLabel];
  return name ? `${slice.metadata?.namespace}/${name}` : undefined;
}

/** `slices` are those of this Service. Gives nothing for headless Services and for those by external name. */
export function entriesOf(
  service: Service,
  slices: EndpointSlice[],
  localNodes: ReadonlySet<string>,
): ServicePortEntry[] {
  const { spec } = service;
  const clusterIP = spec?.clusterIP;
  if (!spec || !clusterIP || clusterIP === 'None' || spec.type === 'ExternalName') return [];
  const ingress = (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
  const affinitySeconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800;
  return (spec.ports ?? []).flatMap((port) => {
    const protocol = port.protocol ?? 'TCP';
    if (protocol !== 'TCP' && protocol !== 'UDP') return [];
    const all = candidatesOf(port, protocol, slices);
    return {
      id: `${keyOf(service)}:${port.port}/${protocol}`,
      protocol,
      clusterIP,
      port: port.port,
      externalIPs: [...(spec.externalIPs ?? []), ...ingress],
      nodePort: port.nodePort || undefined,
      affinityMs: spec.sessionAffinity === 'ClientIP' ? affinitySeconds * 1000 : undefined,
      internalTargets: usable(all, spec.internalTrafficPolicy === 'Local' ? localNodes : undefined),
      externalTargets: usable(all, spec.externalTrafficPolicy === 'Local' ? localNodes : undefined),
    };
  });
}

interface Candidate extends Target {
  endpoint: Endpoint;
}

function candidatesOf(port: ServicePort, protocol: Protocol, slices: EndpointSlice[]): Candidate[] {
  return slices.flatMap((slice) => {
    if (slice.addressType !== 'IPv4') return [];
    const match = slice.ports?.find(
      ({ name, protocol: used }) => (name ?? '') === (port.name ?? '') && (used ?? 'TCP') === protocol,
    );
    const number = match?.port;
    if (!number) return [];
    return (slice.endpoints ?? []).flatMap((endpoint) =>
      endpoint.addresses.slice(0, 1).map((address) => ({ address, port: number, endpoint })),
    );
  });
}

/** The ready endpoints; when there are none, those that still serve while they terminate (KEP-1669). */
function usable(candidates: Candidate[], localNodes: ReadonlySet<string> | undefined): Target[] {
  const inReach = localNodes
    ? candidates.filter(({ endpoint }) => endpoint.nodeName && localNodes.has(endpoint.nodeName))
    : candidates;
  const ready = inReach.filter(({ endpoint }) => endpoint.conditions?.ready !== false);
  const chosen = ready.length
    ? ready
    : inReach.filter(({ endpoint }) => endpoint.conditions?.serving && endpoint.conditions.terminating);
  const unique = new Map(chosen.map(({ address, port }) => [`${address}:${port}`, { address, port }]));
  return [...unique.values()];
}

export const sameTargets = (a: Target[], b: Target[]): boolean =>
  a.length === b.length && a.every(({ address, port }, i) => b[i]?.address === address && b[i].port === port);
