/**
 * The names of the cluster: what a question has for an answer, from Services and EndpointSlices. Pure. The rules are those of
 * the Kubernetes DNS specification 1.1.0 and of CoreDNS' kubernetes plugin (`pods insecure`).
 */
import type { Service } from '../../api/core/v1/service';
import type { Endpoint, EndpointSlice } from '../../api/discovery/v1/endpointslice';

export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'PTR' | 'SRV' | 'TXT' | 'SOA' | 'NS' | 'ANY' | (string & {});

export interface SrvData {
  priority: number;
  weight: number;
  port: number;
  target: string;
}

export interface DnsRecord {
  name: string;
  type: 'A' | 'CNAME' | 'PTR' | 'SRV' | 'TXT';
  data: string | SrvData;
}

/** `records` empty: the name exists without such a record. `additional` has the addresses of SRV targets. */
export interface Resolution {
  records: DnsRecord[];
  additional?: DnsRecord[];
}

/** What the names are made of. Keys are `namespace/name`. */
export interface ServiceView {
  service(key: string): Service | undefined;
  slicesOf(key: string): EndpointSlice[];
  hasNamespace(namespace: string): boolean;
  /** The Service with that cluster IP. */
  serviceByIp(address: string): Service | undefined;
  /** The endpoint with that address and a hostname, with the Service it belongs to. */
  hostByIp(address: string): { hostname: string; namespace: string; service: string } | undefined;
}

interface Host {
  /** First label of its own name. */
  label: string;
  address: string;
  ports: { name: string; protocol: string; port: number }[];
}

const notFound = undefined;

/** Undefined: the name does not exist (NXDOMAIN). `name` is lower-case, without the last dot, below the cluster domain. */
export function resolveClusterName(
  name: string,
  type: RecordType,
  domain: string,
  view: ServiceView,
): Resolution | undefined {
  const labels = name === domain ? [] : name.slice(0, -domain.length - 1).split('.');
  const [last, namespace, ...rest] = labels.reverse();
  if (last === undefined) return { records: [] };
  if (last === 'dns-version' && namespace === undefined) {
    return only(type, { name, type: 'TXT', data: '1.1.0' });
  }
  if (last === 'svc') return resolveService(name, namespace, rest, type, domain, view);
  if (last === 'pod') return resolvePod(name, namespace, rest, type, view);
  return notFound;
}

const only = (type: RecordType, ...records: DnsRecord[]): Resolution => ({
  records: records.filter((record) => record.type === type || type === 'ANY' || record.type === 'CNAME'),
});

function resolveService(
  name: string,
  namespace: string | undefined,
  labels: string[],
  type: RecordType,
  domain: string,
  view: ServiceView,
): Resolution | undefined {
  if (namespace === undefined) return { records: [] };
  if (!view.hasNamespace(namespace)) return notFound;
  const [serviceName, first, second, ...more] = labels;
  if (serviceName === undefined) return { records: [] };
  const key = `${namespace}/${serviceName}`;
  const service = view.service(key);
  if (!service || more.length) return notFound;
  const { spec } = service;
  const own = `${serviceName}.${namespace}.svc.${domain}`;
  if (spec?.type === 'ExternalName') {
    return first === undefined ? { records: [{ name, type: 'CNAME', data: spec.externalName ?? '' }] } : notFound;
  }
  const headless = spec?.clusterIP === 'None';
  // As CoreDNS has it, single endpoints have names below any Service.
  const isHost = second === undefined && first !== undefined && !first.startsWith('_');
  const hosts = headless || isHost ? hostsOf(view.slicesOf(key)) : [];
  if (first === undefined) {
    const addresses = headless ? hosts.map(({ address }) => address) : [spec?.clusterIP ?? ''];
    if (headless && !hosts.length) return notFound;
    const records = [...new Set(addresses)].map((data): DnsRecord => ({ name, type: 'A', data }));
    if (type !== 'SRV') return only(type, ...records);
    return srvAnswer(name, headless ? hosts : [clusterHost(service)], own, headless);
  }
  if (isHost) {
    const matching = hosts.filter(({ label }) => label === first);
    if (!matching.length) return notFound;
    return only(type, ...matching.map(({ address }): DnsRecord => ({ name, type: 'A', data: address })));
  }
  if (second === undefined) return notFound;
  const [protocol, portName] = [first.slice(1), second.slice(1)];
  if (!first.startsWith('_') || !second.startsWith('_')) return notFound;
  const offering = (headless ? hosts : [clusterHost(service)])
    .map((host) => ({
      ...host,
      ports: host.ports.filter((port) => port.name === portName && port.protocol === protocol),
    }))
    .filter(({ ports }) => ports.length);
  if (!offering.length) return notFound;
  return type === 'SRV' || type === 'ANY' ? srvAnswer(name, offering, own, headless) : { records: [] };
}

/** A Service with a cluster IP as the one host that stands for all its endpoints. */
const clusterHost = ({ spec }: Service): Host => ({
  label: '',
  address: spec?.clusterIP ?? '',
  ports: (spec?.ports ?? []).map(({ name = '', protocol = 'TCP', port }) => ({
    name,
    protocol: protocol.toLowerCase(),
    port,
  })),
});

function srvAnswer(name: string, hosts: Host[], own: string, headless: boolean): Resolution {
  const targetOf = ({ label }: Host): string => (headless ? `${label}.${own}` : own);
  const weight = Math.max(1, Math.floor(100 / Math.max(1, hosts.length)));
  return {
    records: hosts.flatMap((host) =>
      host.ports.map(({ port }): DnsRecord => ({
        name,
        type: 'SRV',
        data: { priority: 0, weight, port, target: targetOf(host) },
      })),
    ),
    additional: hosts.map((host): DnsRecord => ({ name: targetOf(host), type: 'A', data: host.address })),
  };
}

/** The hosts behind a headless Service: ready endpoints, by hostname or by their address with dashes. */
function hostsOf(slices: EndpointSlice[]): Host[] {
  return slices
    .filter(({ addressType }) => addressType === 'IPv4')
    .flatMap((slice) => {
      const ports = (slice.ports ?? []).map(({ name, protocol, port }) => ({
        name: name ?? '',
        protocol: (protocol ?? 'TCP').toLowerCase(),
        port: port ?? 0,
      }));
      return (slice.endpoints ?? []).filter(isUsable).flatMap((endpoint) =>
        endpoint.addresses.map((address) => ({
          label: endpoint.hostname || address.replaceAll('.', '-'),
          address,
          ports,
        })),
      );
    });
}

const isUsable = ({ conditions }: Endpoint): boolean => conditions?.ready !== false;

/** `10-1-2-3.<namespace>.pod`: the address itself, for certificates and the like. */
function resolvePod(
  name: string,
  namespace: string | undefined,
  labels: string[],
  type: RecordType,
  view: ServiceView,
): Resolution | undefined {
  if (namespace === undefined) return { records: [] };
  if (!view.hasNamespace(namespace)) return notFound;
  const [label, ...more] = labels;
  if (label === undefined) return { records: [] };
  const octets = label.split('-');
  const isAddress = octets.length === 4 && octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) <= 255);
  if (more.length || !isAddress) return notFound;
  return only(type, { name, type: 'A', data: octets.join('.') });
}

/** The names behind an address: a Service's by its cluster IP, a host's of a headless Service. Undefined: not ours. */
export function resolveReverse(name: string, domain: string, view: ServiceView): Resolution | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name);
  if (!match) return notFound;
  const address = match.slice(1).reverse().join('.');
  const service = view.serviceByIp(address);
  if (service) {
    const { name: serviceName = '', namespace = '' } = service.metadata ?? {};
    return { records: [{ name, type: 'PTR', data: `${serviceName}.${namespace}.svc.${domain}` }] };
  }
  const host = view.hostByIp(address);
  if (!host) return notFound;
  return { records: [{ name, type: 'PTR', data: `${host.hostname}.${host.service}.${host.namespace}.svc.${domain}` }] };
}
