/** The informers of kube-proxy as its parts want to see them: slices by Service, Services by address, nodes by host. */
import { nodes } from '../api/core/v1/node';
import { services } from '../api/core/v1/service';
import { endpointSlices } from '../api/discovery/v1/endpointslice';
import { deepEqual } from '../api/meta/json';
import { keyOf } from '../api/meta/types';
import type { InformerFactory } from '../client/informer';
import type { ServiceView } from './dns/records';
import { type Place, placesOf } from './places';
import { serviceKeyOf } from './service-map';

export interface ClusterView extends Omit<ServiceView, 'hasNamespace'> {
  places(): readonly Place[];
  serviceKeys(): string[];
}

export interface ViewHandlers {
  /** A Service, or one of its slices, changed. */
  onService(key: string): void;
  /** Other nodes are on this host, or they have moved to other zones. */
  onPlaces(): void;
}

/** Call before the informers start. */
export function createView(informers: InformerFactory, nodeName: string, handlers: ViewHandlers): ClusterView {
  const serviceInformer = informers.informer(services);
  const sliceInformer = informers.informer(endpointSlices);
  const nodeInformer = informers.informer(nodes);
  serviceInformer.addIndex('clusterIP', ({ spec }) => spec?.clusterIPs ?? (spec?.clusterIP ? [spec.clusterIP] : []));
  sliceInformer.addIndex('service', (slice) => [serviceKeyOf(slice) ?? '']);
  sliceInformer.addIndex('address', ({ endpoints }) =>
    (endpoints ?? []).flatMap(({ addresses, hostname }) => (hostname ? addresses : [])),
  );

  const changed = (object: Parameters<typeof keyOf>[0]): void => handlers.onService(keyOf(object));
  serviceInformer.addEventHandler({ add: changed, update: changed, delete: changed });
  const sliceChanged = (slice: Parameters<typeof serviceKeyOf>[0]): void => {
    const key = serviceKeyOf(slice);
    if (key) handlers.onService(key);
  };
  sliceInformer.addEventHandler({
    add: sliceChanged,
    delete: sliceChanged,
    update(slice, old) {
      sliceChanged(slice);
      if (serviceKeyOf(old) !== serviceKeyOf(slice)) sliceChanged(old);
    },
  });

  let places: readonly Place[] = placesOf([], nodeName);
  const nodesChanged = (): void => {
    const next = placesOf(nodeInformer.lister.list(), nodeName);
    if (deepEqual(next, places)) return;
    places = next;
    handlers.onPlaces();
  };
  nodeInformer.addEventHandler({ add: nodesChanged, update: nodesChanged, delete: nodesChanged });

  return {
    service: (key) => serviceInformer.lister.get(key),
    serviceKeys: () => serviceInformer.lister.list().map(keyOf),
    slicesOf: (key) => sliceInformer.lister.byIndex('service', key),
    serviceByIp: (address) => serviceInformer.lister.byIndex('clusterIP', address)[0],
    hostByIp(address) {
      for (const slice of sliceInformer.lister.byIndex('address', address)) {
        const endpoint = slice.endpoints?.find(({ addresses }) => addresses.includes(address));
        const [namespace, service] = serviceKeyOf(slice)?.split('/') ?? [];
        if (endpoint?.hostname && namespace && service) return { hostname: endpoint.hostname, namespace, service };
      }
      return undefined;
    },
    places: () => places,
  };
}
