/** Follows etcd itself from the first revision on: what really happened, whatever the API servers say. */
import { createLogger } from '../../component-base/logger';
import { systemClock } from '../../component-base/clock';
import { Etcd } from '../../apiserver/storage/etcd';
import { watchPrefix } from '../../apiserver/storage/etcd-watch';
import { until } from '../support/until';
import type { StoredChange } from './history';
import { storedChangeOf, storedPrefix } from './objects';

export interface EtcdTruth {
  readonly changes: readonly StoredChange[];
  /** Compacts up to the last change that was seen; gives that revision. */
  compact(): Promise<number>;
  /** Resolves once it has seen a change of that revision. */
  reach(revision: number): Promise<void>;
  close(): void;
}

export function followEtcd(endpoints: string[]): EtcdTruth {
  const etcd = new Etcd({ endpoints, clock: systemClock });
  const log = createLogger('consistency');
  log.level = 'silent';
  const changes: StoredChange[] = [];
  let gap = false;
  const stop = watchPrefix({
    etcd,
    clock: systemClock,
    log,
    prefix: storedPrefix,
    fromRevision: 1,
    onEvents(events) {
      for (const { key, revision, type, value } of events) {
        changes.push(storedChangeOf(key, revision, type === 'put' ? value : undefined));
      }
    },
    onCompacted: () => (gap = true),
  });
  return {
    changes,
    async compact() {
      const revision = changes.at(-1)?.revision ?? 1;
      await etcd.compact(revision);
      return revision;
    },
    async reach(revision) {
      await until(`etcd tells of revision ${revision}`, () => (changes.at(-1)?.revision ?? 0) >= revision);
      if (gap) throw new Error('the history of etcd was compacted before it was read');
    },
    close() {
      stop();
      etcd.close();
    },
  };
}
