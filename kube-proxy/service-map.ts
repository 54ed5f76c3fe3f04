/**
 * What to balance, from Services and EndpointSlices: one entry for each port of each Service, with its addresses and the
 * endpoints to use now. All are of IPv4: one address of the other family would spoil the packet rules of all. Pure. Upstream:
 * `pkg/proxy/{servicechangetracker,endpointschangetracker,serviceport}.go`.
 */
import { isIPv4 } from 'node:net';
import { isExternallyAccessible, needsHealthCheck, type Service, type ServicePort } from '../api/core/v1/service';
import type { Endpoint, EndpointSlice } from '../api/discovery/v1/endpointslice';
import { keyOf } from '../api/meta/types';
import type { Place } from './places';
import { isOn, isReady, usableEndpoints, type UsableEndpoints } from './topology';

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
  externalIPs: string[];
  /** Addresses of load balancers that hand connections on as they are. */
  loadBalancerIPs: string[];
  /** Who may use those: CIDRs. Undefined: everybody. */
  loadBalancerSources: string[] | undefined;
  nodePort: number | undefined;
  /** How long a client stays with its endpoint; undefined without session affinity. */
  affinityMs: number | undefined;
  /** Connections to the cluster IP stay on their node. */
  isInternalLocal: boolean;
  /** Connections from outside the cluster stay on the node they came to. */
  isExternalLocal: boolean;
  /** Somewhere, if not within reach of this host, there is one. */
  hasEndpoints: boolean;
  /** By name of the place. */
  targets: ReadonlyMap<string, UsableEndpoints<Target>>;
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
  slices: readonly EndpointSlice[],
  places: readonly Place[],
): ServicePortEntry[] {
  const { spec } = service;
  const clusterIP = spec?.clusterIP;
  if (!spec || !clusterIP || !isIPv4(clusterIP) || spec.type === 'ExternalName') return [];
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  const affinitySeconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800;
  return (spec.ports ?? []).flatMap((port) => {
    const protocol = port.protocol ?? 'TCP';
    if (protocol !== 'TCP' && protocol !== 'UDP') return [];
    const all = candidatesOf(port, protocol, slices);
    const usable = new Map(places.map((place) => [place.name, usableEndpoints(all, place)]));
    const [anywhere] = usable.values();
    return {
      id: `${keyOf(service)}:${port.port}/${protocol}`,
      protocol,
      clusterIP,
      port: port.port,
      externalIPs: (spec.externalIPs ?? []).filter(isIPv4),
      // A balancer in mode Proxy wants to see the traffic itself.
      loadBalancerIPs: ingress.flatMap(({ ip, ipMode }) => (ip && isIPv4(ip) && ipMode !== 'Proxy' ? ip : [])),
      loadBalancerSources: spec.loadBalancerSourceRanges?.length
        ? spec.loadBalancerSourceRanges.map((range) => range.trim()).filter((range) => !range.includes(':'))
        : undefined,
      nodePort: port.nodePort || undefined,
      affinityMs: spec.sessionAffinity === 'ClientIP' ? affinitySeconds * 1000 : undefined,
      isInternalLocal: spec.internalTrafficPolicy === 'Local',
      isExternalLocal: isExternallyAccessible(spec) && spec.externalTrafficPolicy === 'Local',
      hasEndpoints: Boolean(anywhere?.cluster.length),
      targets: new Map(
        [...usable].map(([name, { cluster, local }]) => [
          name,
          { cluster: targetsOf(cluster), local: targetsOf(local) },
        ]),
      ),
    };
  });
}

interface Candidate extends Target {
  endpoint: Endpoint;
}

function candidatesOf(port: ServicePort, protocol: Protocol, slices: readonly EndpointSlice[]): Candidate[] {
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

/** Each once, although slices may repeat one while endpoints move from slice to slice. */
function targetsOf(candidates: readonly Candidate[]): Target[] {
  const unique = new Map(candidates.map(({ address, port }) => [`${address}:${port}`, { address, port }]));
  return [...unique.values()];
}

/** What a load balancer asks the nodes of the host before it sends them traffic. */
export interface HealthCheck {
  port: number;
  /** Ready endpoints by name of the place. */
  localEndpoints: ReadonlyMap<string, number>;
}

/** Undefined for a Service without such a check. */
export function healthCheckOf(
  service: Service,
  slices: readonly EndpointSlice[],
  places: readonly Place[],
): HealthCheck | undefined {
  const port = service.spec?.healthCheckNodePort;
  if (!port || !needsHealthCheck(service)) return undefined;
  const ready = slices
    .filter(({ addressType }) => addressType === 'IPv4')
    .flatMap(({ endpoints }) => (endpoints ?? []).map((endpoint) => ({ endpoint })))
    .filter(isReady);
  const countAt = (place: Place): number =>
    new Set(ready.filter(isOn(place)).map(({ endpoint }) => endpoint.addresses[0])).size;
  return { port, localEndpoints: new Map(places.map((place) => [place.name, countAt(place)])) };
}
