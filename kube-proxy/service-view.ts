/** The informers of kube-proxy as its parts want to see them: slices by Service, Services by address, nodes by host. */
import { nodes } from '../api/core/v1/node';
import { services } from '../api/core/v1/service';
import { endpointSlices } from '../api/discovery/v1/endpointslice';
import { keyOf } from '../api/meta/types';
import type { InformerFactory } from '../client/informer';
import type { ServiceView } from './dns/records';
import { serviceKeyOf } from './service-map';

const hostAddressAnnotation = 'kubelab.io/host-address';

export interface ClusterView extends ServiceView {
  /** The nodes that share this host with the named one. */
  localNodes(): ReadonlySet<string>;
  serviceKeys(): string[];
}

export interface ViewHandlers {
  /** A Service, or one of its slices, changed. */
  onService(key: string): void;
  /** Which nodes are on this host changed. */
  onLocalNodes(): void;
}

/** Call before the informers start. */
export function createView(informers: InformerFactory, nodeName: string, handlers: ViewHandlers): ClusterView {
  const serviceInformer = informers.informer(services);
  const sliceInformer = informers.informer(endpointSlices);
  const nodeInformer = informers.informer(nodes);
  serviceInformer.addIndex('clusterIP', ({ spec }) => spec?.clusterIPs ?? (spec?.clusterIP ? [spec.clusterIP] : []));
  serviceInformer.addIndex('namespace', ({ metadata }) => [metadata?.namespace ?? '']);
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

  const hostOf = (name: string): string | undefined =>
    nodeInformer.lister.get(name)?.metadata.annotations?.[hostAddressAnnotation];
  let local: ReadonlySet<string> = new Set([nodeName]);
  const nodesChanged = (): void => {
    const host = hostOf(nodeName);
    const names = nodeInformer.lister.list().map(({ metadata }) => metadata.name);
    const next = new Set([nodeName, ...names.filter((name) => host !== undefined && hostOf(name) === host)]);
    if (next.size === local.size && [...next].every((name) => local.has(name))) return;
    local = next;
    handlers.onLocalNodes();
  };
  nodeInformer.addEventHandler({
    add: nodesChanged,
    delete: nodesChanged,
    update(node, old) {
      if (node.metadata.annotations?.[hostAddressAnnotation] !== old.metadata.annotations?.[hostAddressAnnotation]) {
        nodesChanged();
      }
    },
  });

  return {
    service: (key) => serviceInformer.lister.get(key),
    serviceKeys: () => serviceInformer.lister.list().map(keyOf),
    slicesOf: (key) => sliceInformer.lister.byIndex('service', key),
    hasNamespace: (namespace) => serviceInformer.lister.byIndex('namespace', namespace).length > 0,
    serviceByIp: (address) => serviceInformer.lister.byIndex('clusterIP', address)[0],
    hostByIp(address) {
      for (const slice of sliceInformer.lister.byIndex('address', address)) {
        const endpoint = slice.endpoints?.find(({ addresses }) => addresses.includes(address));
        const [namespace, service] = serviceKeyOf(slice)?.split('/') ?? [];
        if (endpoint?.hostname && namespace && service) return { hostname: endpoint.hostname, namespace, service };
      }
      return undefined;
    },
    localNodes: () => local,
  };
}
