/** Upstream's metrics of storage and watches. Counted plainly where things happen, and told when somebody asks. */
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import type { Counter, Metrics } from '../../component-base/metrics';
import type { Etcd } from './etcd';
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

/** Told of every list: from where it was answered, and how much was looked at for it. */
export interface ListObserver {
  /** `index`: what narrowed it down, `f:spec.nodeName`; '' when nothing did. */
  servedFromCache(definition: ResourceDefinition, index: string, fetched: number, returned: number): void;
  servedFromEtcd(definition: ResourceDefinition, fetched: number, evaluated: number, returned: number): void;
}

export function observeLists(metrics: Metrics): ListObserver {
  const counter = (name: string, help: string, ...more: string[]): Counter =>
    metrics.counter({ name, help, labels: ['group', 'resource', ...more] });
  const cache = {
    lists: counter('apiserver_cache_list_total', 'Number of LIST requests served from watch cache', 'index'),
    fetched: counter(
      'apiserver_cache_list_fetched_objects_total',
      'Number of objects read from watch cache in the course of serving a LIST request',
      'index',
    ),
    returned: counter(
      'apiserver_cache_list_returned_objects_total',
      'Number of objects returned for a LIST request from watch cache',
    ),
  };
  const storage = {
    lists: counter('apiserver_storage_list_total', 'Number of LIST requests served from storage'),
    fetched: counter(
      'apiserver_storage_list_fetched_objects_total',
      'Number of objects read from storage in the course of serving a LIST request',
    ),
    evaluated: counter(
      'apiserver_storage_list_evaluated_objects_total',
      'Number of objects tested in the course of serving a LIST request from storage',
    ),
    returned: counter(
      'apiserver_storage_list_returned_objects_total',
      'Number of objects returned for a LIST request from storage',
    ),
  };
  return {
    servedFromCache(definition, index, fetched, returned) {
      const of = labelsOf(definition);
      const indexed = { ...of, index };
      cache.lists.inc(indexed);
      cache.fetched.inc(indexed, fetched);
      cache.returned.inc(of, returned);
    },
    servedFromEtcd(definition, fetched, evaluated, returned) {
      const of = labelsOf(definition);
      storage.lists.inc(of);
      storage.fetched.inc(of, fetched);
      storage.evaluated.inc(of, evaluated);
      storage.returned.inc(of, returned);
    },
  };
}

const labelsOf = ({ group, names }: ResourceDefinition): { group: string; resource: string } => ({
  group,
  resource: names.plural,
});

/** No scrape waits longer for an etcd that is away. */
const sizeTimeoutMs = 1_000;

/** There is one etcd: upstream numbers those that kinds are spread over. */
export function publishStorageSize(metrics: Metrics, etcd: Pick<Etcd, 'databaseBytes'>): void {
  metrics.gauge({
    name: 'apiserver_storage_size_bytes',
    help: 'Size of the storage database file physically allocated in bytes.',
    labels: ['storage_cluster_id'],
    async collect(gauge) {
      try {
        gauge.set(await etcd.databaseBytes(sizeTimeoutMs), { storage_cluster_id: 'etcd-0' });
      } catch {
        gauge.reset();
      }
    },
  });
}

export function publishCaches(metrics: Metrics, caches: () => Iterable<ResourceCache<any>>): void {
  const told = new WeakMap<ResourceCache<any>, number>();
  const typeOf = ({ definition }: ResourceCache<any>): { group: string; resource: string } => labelsOf(definition);
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
