/** Puts storage together: one etcd client, one watch cache, and a `Storage` per kind, also for kinds that appear later. */
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import type { KubeObject } from '../../api/meta/types';
import { createBootClock } from '../../component-base/boot-clock';
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import type { Metrics } from '../../component-base/metrics';
import { sharedNext } from '../../component-base/shared-next';
import { runCompactor } from './compactor';
import { Etcd, type EtcdOptions } from './etcd';
import { registryRoot, resourcePrefix } from './keys';
import { createLeaseManager } from './lease-manager';
import { createObjectReader } from './object-reader';
import { createObjectWriter } from './object-writer';
import type { Storage } from './storage';
import { observeEtcd, observeLists, publishCaches, publishStorageSize } from './storage-metrics';
import { WatchCache, type WatchCacheOptions } from './watch-cache';

export interface StorageBackendOptions
  extends
    Pick<EtcdOptions, 'endpoints' | 'tls' | 'requestTimeoutMs' | 'unavailableRetryMs'>,
    Pick<WatchCacheOptions, 'windowLimits' | 'maxLagEvents' | 'freeze' | 'transformerFor'> {
  clock: Clock;
  log: Logger;
  metrics?: Metrics;
  /** `--etcd-compaction-interval`. Default 5 minutes; 0 never compacts. */
  compactionIntervalMs?: number;
}

export interface StorageBackend {
  /** The storage of a kind, made on first use; its cache fills in the background. */
  storageFor<T extends KubeObject>(definition: ResourceDefinition<T>): Storage<T>;
  /** Ends the watches of a kind that is no longer served and forgets its cache. Stored objects stay. */
  forget(definition: ResourceDefinition): void;
  /** How many objects of a resource the cache knows; 0 for one that is not stored here. */
  countOf(group: string, resource: string): number;
  /** A quorum read. Rejects when etcd does not answer in time: the `etcd` check of readyz. */
  checkEtcd(timeoutMs?: number): Promise<void>;
  /** Resources whose cache is not filled: none when ready, the `informer-sync` check of readyz. */
  unfilled(): string[];
  /** Ends all watches with an error and closes the connection. */
  close(): void;
}

export function createStorageBackend(options: StorageBackendOptions): StorageBackend {
  const { clock, log, metrics } = options;
  const etcd = new Etcd({ ...options, ...(metrics && { observe: observeEtcd(metrics) }) });
  const watchCache = new WatchCache({ ...options, etcd });
  const lists = metrics && observeLists(metrics);
  if (metrics) {
    publishCaches(metrics, () => watchCache.all());
    publishStorageSize(metrics, etcd);
  }
  const leases = createLeaseManager(etcd, clock);
  const currentRevision = sharedNext(async () => {
    const { revision } = await etcd.range({ start: registryRoot, countOnly: true });
    return revision;
  });
  const storages = new Map<string, Storage<any>>();
  const closing = new AbortController();
  const intervalMs = options.compactionIntervalMs ?? 5 * 60_000;
  void runCompactor({ etcd, clock, bootClock: createBootClock(), log, intervalMs, signal: closing.signal });

  return {
    storageFor<T extends KubeObject>(definition: ResourceDefinition<T>) {
      const prefix = resourcePrefix(definition);
      let storage = storages.get(prefix) as Storage<T> | undefined;
      if (!storage) {
        const cache = watchCache.register(definition);
        storage = {
          ...createObjectReader({ etcd, cache, watchCache, currentRevision, clock, ...(lists && { lists }) }),
          ...createObjectWriter({ etcd, cache, leases }),
        };
        storages.set(prefix, storage);
      }
      return storage;
    },
    forget(definition) {
      storages.delete(resourcePrefix(definition));
      watchCache.unregister(definition);
    },
    async checkEtcd(timeoutMs = 2_000) {
      let cancel = (): void => undefined;
      const timeout = new Promise<never>((_resolve, reject) => {
        cancel = clock.after(timeoutMs, () => reject(new Error('etcd did not answer in time')));
      });
      try {
        await Promise.race([currentRevision(), timeout]);
      } finally {
        cancel();
      }
    },
    countOf: (group, resource) => watchCache.countOf(group, resource),
    unfilled: () => watchCache.unfilled(),
    close() {
      closing.abort();
      watchCache.close();
      etcd.close();
    },
  };
}
