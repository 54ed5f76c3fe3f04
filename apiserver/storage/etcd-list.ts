/** Lists read from etcd itself: continued pages, exact revisions, and the fallback when the cache is behind. */
import type { GroupResource } from '../../api/meta/status-error';
import type { KubeObject } from '../../api/meta/types';
import type { ObjectCodec, StoredEntry } from './cached-object';
import { encodeContinue } from './continue-token';
import type { Etcd } from './etcd';
import type { RangeResult } from './etcd-types';
import { etcdStatusError, isEtcdFailure } from './etcd-errors';
import { endOfPrefix } from './keys';
import type { Selection } from './selection';
import type { StorageListResult } from './storage';
import type { ListObserver } from './storage-metrics';
import { newContinueExpired, newListExpired, newTooLargeResourceVersion } from './storage-errors';
import { TimeSlice } from './time-slice';

export interface EtcdListSource<T extends KubeObject> {
  etcd: Etcd;
  codec: ObjectCodec<T>;
  prefix: string;
  resource: GroupResource;
  lists?: ListObserver | undefined;
}

export interface EtcdListPosition {
  /** 0 or -1: the current one. */
  revision: number;
  /** Of a continued list: the first key, relative to the listed prefix. */
  start?: string;
  /** 0: everything. */
  limit: number;
  /** No page is read any more once it aborts. */
  signal?: AbortSignal | undefined;
}

const pageSize = 500;

/** Reads pages until `limit` objects match. Throws 410 when the revision is compacted. */
export async function listFromEtcd<T extends KubeObject>(
  source: EtcdListSource<T>,
  selection: Selection<T>,
  position: EtcdListPosition,
): Promise<StorageListResult<T>> {
  const { etcd, codec, prefix, lists } = source;
  const { limit, signal } = position;
  const listed = prefix + (selection.namespace ? `${selection.namespace}/` : '');
  const items: StoredEntry<T>[] = [];
  const slice = new TimeSlice();
  let start = listed + (position.start ?? '');
  let revision = Math.max(position.revision, 0);
  let fetched = 0;
  let evaluated = 0;
  const listOf = (rest: Omit<StorageListResult<T>, 'items' | 'revision'>): StorageListResult<T> => {
    lists?.servedFromEtcd(codec.definition, fetched, evaluated, items.length);
    return { items, revision, ...rest };
  };
  for (;;) {
    signal?.throwIfAborted();
    const page = await readPage();
    revision ||= page.revision;
    fetched += page.kvs.length;
    for (const [index, { key, value, revision: modified }] of page.kvs.entries()) {
      await slice.breathe();
      const entry = codec.decode(key.slice(prefix.length), value, modified);
      evaluated++;
      if (!selection.matches(entry)) continue;
      items.push(entry);
      const remaining = page.count - index - 1;
      if (items.length === limit && remaining > 0) {
        return listOf({
          continue: encodeContinue({ revision, start: `${key.slice(listed.length)}\0` }),
          ...(selection.unfiltered && { remainingItemCount: remaining }),
        });
      }
    }
    if (!page.more) return listOf({});
    start = `${page.kvs.at(-1)!.key}\0`;
  }

  async function readPage(): Promise<RangeResult> {
    const unfilteredLimit = selection.unfiltered && limit ? Math.min(limit - items.length, pageSize) : pageSize;
    try {
      return await etcd.range({ start, end: endOfPrefix(listed), limit: unfilteredLimit, revision });
    } catch (error) {
      if (isEtcdFailure(error, 'compacted')) {
        throw position.start ? newContinueExpired(position.start) : newListExpired();
      }
      if (isEtcdFailure(error, 'future')) {
        const current = await etcd.range({ start: prefix, countOnly: true }).catch(() => undefined);
        throw newTooLargeResourceVersion(revision, current?.revision ?? 0);
      }
      throw etcdStatusError(error);
    }
  }
}
