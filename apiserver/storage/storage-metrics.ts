/** Upstream's metrics of storage and watches. Counted plainly where things happen, and told when somebody asks. */
import type { Metrics } from '../../component-base/metrics';
import type { ResourceCache } from './resource-cache';

/** Told of every request to etcd: which operation, on which key, and how long it took. */
export type EtcdObserver = (operation: string, key: string, seconds: number) => void;

/** `/registry/core/pods/default/web` is of type `pods`, `/registry/apps/deployments/…` of `deployments.apps`. */
function typeOfKey(key: string): string {
  const [, , group, resource] = key.split('/');
  if (!group || !resource) return '';
  return group === 'core' ? resource : `${resource}.${group}`;
}

export function observeEtcd(metrics: Metrics): EtcdObserver {
  const duration = metrics.histogram({
    name: 'etcd_request_duration_seconds',
    help: 'Etcd request latency in seconds for each operation and object type.',
    labels: ['operation', 'type'],
    buckets: [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60],
  });
  return (operation, key, seconds) => duration.observe(seconds, { operation, type: typeOfKey(key) });
}

export function publishCaches(metrics: Metrics, caches: () => Iterable<ResourceCache<any>>): void {
  const told = new WeakMap<ResourceCache<any>, number>();
  const typeOf = ({ definition }: ResourceCache<any>): { group: string; resource: string } => ({
    group: definition.group,
    resource: definition.names.plural,
  });
  // Registered first: what it finds at a scrape is told by the counter behind it.
  metrics.gauge({
    name: 'apiserver_registered_watchers',
    help: 'Number of currently registered watchers for a given resources',
    labels: ['group', 'version', 'kind'],
    collect(gauge) {
      for (const cache of caches()) {
        const { group, version, kind } = cache.definition;
        gauge.set(cache.watcherCount, { group, version, kind });
        const sent = cache.eventsSent;
        if (!sent) continue;
        events.inc({ group, version, resource: cache.definition.names.plural }, sent - (told.get(cache) ?? 0));
        told.set(cache, sent);
      }
    },
  });
  const events = metrics.counter({
    name: 'apiserver_watch_events_total',
    help: 'Number of events sent in watch clients',
    labels: ['group', 'version', 'resource'],
  });
  const perCache = (name: string, help: string, valueOf: (cache: ResourceCache<any>) => number): void => {
    metrics.gauge({
      name,
      help,
      labels: ['group', 'resource'],
      collect(gauge) {
        for (const cache of caches()) gauge.set(valueOf(cache), typeOf(cache));
      },
    });
  };
  perCache(
    'apiserver_resource_objects',
    'Number of stored objects at the time of last check split by kind.',
    (cache) => cache.objectCount,
  );
  perCache(
    'apiserver_watch_cache_resource_version',
    'Current resource version of watch cache broken by resource type.',
    (cache) => cache.revision,
  );
  metrics.gauge({
    name: 'apiserver_storage_objects',
    help: 'Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
    labels: ['resource'],
    collect(gauge) {
      for (const cache of caches()) {
        const { group, resource } = typeOf(cache);
        gauge.set(cache.filled ? cache.objectCount : -1, { resource: group ? `${resource}.${group}` : resource });
      }
    },
  });
}
