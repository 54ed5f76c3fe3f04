/** The subsets of an Endpoints object: addresses grouped by the ports they serve. Upstream: `RepackSubsets`. */
import type { EndpointAddress, EndpointPort, EndpointSubset } from '../../../api/core/v1/endpoints';
import type { Pod } from '../../../api/core/v1/pod';
import { isPodReady } from '../../../api/core/v1/pod/conditions';
import type { Service } from '../../../api/core/v1/service';
import type { Stored } from '../../../api/meta/types';
import { belongsInEndpoints, endpointPorts, isHeadless, podAddresses, publishesHostname } from './endpoint-pods';

/** Addresses that an Endpoints object may hold; the rest is for EndpointSlices. */
const maxCapacity = 1000;

export const overCapacityAnnotation = 'endpoints.kubernetes.io/over-capacity';

export interface SubsetPlan {
  subsets: EndpointSubset[];
  truncated: boolean;
}

/** Deterministic: addresses, ports and subsets are ordered, so that equal input gives equal output. */
export function planSubsets(service: Stored<Service>, pods: readonly Stored<Pod>[]): SubsetPlan {
  const tolerateUnready = service.spec?.publishNotReadyAddresses === true;
  const groups = new Map<string, { ports: EndpointPort[]; ready: EndpointAddress[]; unready: EndpointAddress[] }>();
  for (const pod of pods) {
    if (!belongsInEndpoints(pod, tolerateUnready)) continue;
    const address = endpointAddress(service, pod);
    const ports = endpointPorts(service, pod).map(({ name, ...port }) => ({ ...(name && { name }), ...port }));
    // Without ports only a headless Service has endpoints.
    if (!address || (ports.length === 0 && !(isHeadless(service) && !service.spec?.ports?.length))) continue;
    ports.sort((a, b) => compare(portKey(a), portKey(b)));
    const key = ports.map(portKey).join(',');
    const group = groups.get(key) ?? { ports, ready: [], unready: [] };
    groups.set(key, group);
    (tolerateUnready || isPodReady(pod) ? group.ready : group.unready).push(address);
  }
  const subsets = [...groups]
    .sort(([a], [b]) => compare(a, b))
    .map(([, group]) => ({
      ...(group.ready.length && { addresses: sortAddresses(group.ready) }),
      ...(group.unready.length && { notReadyAddresses: sortAddresses(group.unready) }),
      ...(group.ports.length && { ports: group.ports }),
    }));
  return truncate(subsets);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const portKey = ({ name = '', port, protocol = 'TCP' }: EndpointPort): string => `${name}/${protocol}/${port}`;

const sortAddresses = (addresses: EndpointAddress[]): EndpointAddress[] =>
  addresses.sort((a, b) => compare(a.ip, b.ip) || compare(a.targetRef?.uid ?? '', b.targetRef?.uid ?? ''));

/** Of the Service's first address family; upstream's Endpoints know only one. */
function endpointAddress(service: Service, pod: Stored<Pod>): EndpointAddress | undefined {
  const wantsV6 = service.spec?.ipFamilies?.[0] === 'IPv6' || service.spec?.clusterIP?.includes(':');
  const ip = podAddresses(pod).find((address) => address.includes(':') === Boolean(wantsV6));
  if (ip === undefined) return undefined;
  const { name, namespace, uid } = pod.metadata;
  return {
    ip,
    ...(pod.spec?.nodeName && { nodeName: pod.spec.nodeName }),
    ...(publishesHostname(pod, service) && { hostname: pod.spec!.hostname! }),
    targetRef: { kind: 'Pod', namespace: namespace!, name, uid },
  };
}

/** Ready addresses stay before unready ones. */
function truncate(subsets: EndpointSubset[]): SubsetPlan {
  const count = (field: 'addresses' | 'notReadyAddresses'): number =>
    subsets.reduce((sum, subset) => sum + (subset[field]?.length ?? 0), 0);
  if (count('addresses') + count('notReadyAddresses') <= maxCapacity) return { subsets, truncated: false };
  let room = maxCapacity;
  const take = (addresses: EndpointAddress[] = []): EndpointAddress[] => {
    const taken = addresses.slice(0, room);
    room -= taken.length;
    return taken;
  };
  const ready = subsets.map((subset) => take(subset.addresses));
  const unready = subsets.map((subset) => take(subset.notReadyAddresses));
  return {
    truncated: true,
    subsets: subsets.flatMap(({ ports }, i) => {
      const addresses = ready[i] ?? [];
      const notReadyAddresses = unready[i] ?? [];
      if (addresses.length + notReadyAddresses.length === 0) return [];
      return [
        {
          ...(addresses.length && { addresses }),
          ...(notReadyAddresses.length && { notReadyAddresses }),
          ...(ports && { ports }),
        },
      ];
    }),
  };
}
