/** Endpoints and slices as the API wants them. Upstream: `endpointslice/utils.go`. */
import type { Node } from '../../../api/core/v1/node';
import type { Pod } from '../../../api/core/v1/pod';
import { isPodReady } from '../../../api/core/v1/pod/conditions';
import { type Service, services } from '../../../api/core/v1/service';
import { type Endpoint, type EndpointSlice, endpointSlices } from '../../../api/discovery/v1/endpointslice';
import { newControllerRef } from '../../../api/meta/controller-ref';
import type { Stored } from '../../../api/meta/types';
import { headlessLabel, isHeadless, podAddresses, publishesHostname } from '../endpoints/endpoint-pods';
import type { SliceShape } from './plan-slices';

export type AddressType = 'IPv4' | 'IPv6';

export const serviceNameLabel = 'kubernetes.io/service-name';
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
export const managedBy = 'endpointslice-controller.k8s.io';

/** The families a Service asks for; an old object without them tells by its address. */
export function addressTypesOf({ spec }: Service): AddressType[] {
  if (spec?.ipFamilies?.length) return spec.ipFamilies as AddressType[];
  return [spec?.clusterIP?.includes(':') ? 'IPv6' : 'IPv4'];
}

/** A terminating pod is never ready, unless readiness does not matter; it may still serve what it has. */
export function endpointOf(
  service: Service,
  pod: Stored<Pod>,
  node: Node | undefined,
  addressType: AddressType,
): Endpoint | undefined {
  const address = podAddresses(pod).find((ip) => ip.includes(':') === (addressType === 'IPv6'));
  if (address === undefined) return undefined;
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const zone = node?.metadata?.labels?.['topology.kubernetes.io/zone'];
  const { name, namespace, uid } = pod.metadata;
  return {
    addresses: [address],
    conditions: {
      ready,
      serving,
      terminating,
    },
    ...(publishesHostname(pod, service) && { hostname: pod.spec!.hostname! }),
    ...(pod.spec?.nodeName && { nodeName: pod.spec.nodeName }),
    ...(zone !== undefined && { zone }),
    ...(ready && hintsOf(service, pod.spec?.nodeName, zone)),
    targetRef: { kind: 'Pod', namespace: namespace!, name, uid },
  };
}

/**
 * Who is to prefer a ready endpoint under the Service's traffic distribution: those in its zone, and by PreferSameNode those on
 * its node before them. Upstream: `endpointslice/trafficdist`.
 */
function hintsOf(
  { spec }: Service,
  nodeName: string | undefined,
  zone: string | undefined,
): Pick<Endpoint, 'hints'> | undefined {
  if (spec?.trafficDistribution === undefined) return undefined;
  const forZones = zone === undefined ? undefined : [{ name: zone }];
  const forNodes = spec.trafficDistribution === 'PreferSameNode' && nodeName ? [{ name: nodeName }] : undefined;
  return forZones || forNodes ? { hints: { ...(forZones && { forZones }), ...(forNodes && { forNodes }) } } : undefined;
}

/** The labels of the Service, and those by which proxies and this controller find the slice. */
export function sliceLabels(service: Stored<Service>): Record<string, string> {
  const { [headlessLabel]: _headless, ...labels } = service.metadata.labels ?? {};
  return {
    ...labels,
    ...(isHeadless(service) && { [headlessLabel]: '' }),
    [serviceNameLabel]: service.metadata.name,
    [managedByLabel]: managedBy,
  };
}

export function sliceShape(service: Stored<Service>, addressType: AddressType, maxEndpoints: number): SliceShape {
  const labels = sliceLabels(service);
  return {
    labels,
    maxEndpoints,
    build: (ports): EndpointSlice => ({
      apiVersion: endpointSlices.apiVersion,
      kind: endpointSlices.kind,
      metadata: {
        generateName: `${service.metadata.name}-`,
        namespace: service.metadata.namespace!,
        labels,
        ownerReferences: [newControllerRef(service, services)],
      },
      addressType,
      endpoints: [],
      ports,
    }),
  };
}
