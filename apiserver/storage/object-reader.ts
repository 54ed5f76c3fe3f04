/**
 * Get, list and watch of one resource. Reads are linearizable unless asked otherwise: they learn etcd's revision by a quorum
 * read, wait until the cache has seen it, and answer from the cache; when that takes too long, etcd answers itself. Semantics
 * of resourceVersion are upstream's (Kubernetes API concepts, "Resource versions").
 */
import { newBadRequest, newNotFound, newTooManyRequests, type GroupResource } from '../../api/meta/status-error';
import type { KubeObject } from '../../api/meta/types';
import type { Clock } from '../../component-base/clock';
import type { StoredEntry } from './cached-object';
import type { Etcd } from './etcd';
import { etcdStatusError } from './etcd-errors';
import { listFromEtcd } from './etcd-list';
import { decodeContinue, encodeContinue } from './continue-token';
import type { ResourceCache } from './resource-cache';
import { compileSelection, type Selection } from './selection';
import type {
  CachedObject,
  Storage,
  StorageListOptions,
  StorageListResult,
  StorageWatcher,
  StorageWatchOptions,
} from './storage';
import type { ListObserver } from './storage-metrics';
import { newTooLargeResourceVersion, newWatchExpired, parseRevision } from './storage-errors';
import { TimeSlice } from './time-slice';
import type { WatchCache } from './watch-cache';

/** How long a read waits for the cache before it asks etcd, as upstream's `blockTimeout`. */
const freshnessTimeoutMs = 3_000;
const bookmarkEveryMs = 60_000;
const bookmarkBeforeTimeoutMs = 2_000;

export interface ReaderDeps<T extends KubeObject> {
  etcd: Etcd;
  cache: ResourceCache<T>;
  watchCache: WatchCache;
  /** etcd's, by a quorum read that began after it was asked for. */
  currentRevision(): Promise<number>;
  clock: Clock;
  lists?: ListObserver;
}

export function createObjectReader<T extends KubeObject>(
  deps: ReaderDeps<T>,
): Pick<Storage<T>, 'get' | 'list' | 'watch'> {
  const { etcd, cache, watchCache, clock, lists } = deps;
  const { definition } = cache;
  const resource: GroupResource = { group: definition.group, resource: definition.names.plural };

  /** True when the cache holds everything up to `revision`. */
  const cacheReaches = async (revision: number): Promise<boolean> => {
    if (cache.filled && cache.revision >= revision) return true;
    const giveUpAt = clock.now() + freshnessTimeoutMs;
    if (!(await filledSoon())) return false;
    if (cache.revision >= revision) return true;
    await watchCache.waitFor(revision, giveUpAt - clock.now());
    return cache.filled && cache.revision >= revision;
  };
  const filledSoon = async (): Promise<boolean> => {
    if (cache.filled) return true;
    let cancel = (): void => undefined;
    const giveUp = new Promise<void>((resolve) => (cancel = clock.after(freshnessTimeoutMs, resolve)));
    const filled = await cache.whenFilled(giveUp);
    cancel();
    return filled;
  };
  const currentRevision = async (): Promise<number> => {
    try {
      return await deps.currentRevision();
    } catch (error) {
      throw etcdStatusError(error);
    }
  };
  /** For reads "not older than": the cache reaches the revision, or the error says that storage has not. */
  const requireRevision = async (revision: number): Promise<void> => {
    if (await cacheReaches(revision)) return;
    if (!cache.filled) throw newTooManyRequests('storage is (re)initializing', 1);
    throw newTooLargeResourceVersion(revision, cache.revision);
  };

  const getFromEtcd = async (key: string): Promise<CachedObject<T> | undefined> => {
    try {
      const found = await etcd.get(cache.prefix + key);
      return found && cache.codec.decode(key, found.value, found.revision);
    } catch (error) {
      throw etcdStatusError(error);
    }
  };

  const get: Storage<T>['get'] = async (key, { resourceVersion } = {}) => {
    let entry: CachedObject<T> | undefined;
    if (!resourceVersion) {
      entry = (await cacheReaches(await currentRevision())) ? cache.get(key) : await getFromEtcd(key);
    } else {
      const revision = parseRevision(resourceVersion);
      if (revision > 0) await requireRevision(revision);
      entry = (await filledSoon()) ? cache.get(key) : await getFromEtcd(key);
    }
    if (!entry) throw newNotFound(resource, key.slice(key.indexOf('/') + 1));
    return entry;
  };

  const list = async (options: StorageListOptions): Promise<StorageListResult<T>> => {
    const selection = compileSelection(definition, options);
    const { resourceVersion, resourceVersionMatch, signal } = options;
    const limit = resourceVersion === '0' && !resourceVersionMatch ? 0 : (options.limit ?? 0);
    const fromEtcd = (position: { revision: number; start?: string }): Promise<StorageListResult<T>> =>
      listFromEtcd({ etcd, codec: cache.codec, prefix: cache.prefix, resource, lists }, selection, {
        ...position,
        limit,
        signal,
      });
    if (options.continue) {
      if (resourceVersion && resourceVersion !== '0') {
        throw newBadRequest('specifying resource version is not allowed when using continue');
      }
      return fromEtcd(decodeContinue(options.continue));
    }
    if (!resourceVersion) {
      if (!(await cacheReaches(await currentRevision()))) return fromEtcd({ revision: 0 });
    } else {
      const revision = parseRevision(resourceVersion);
      const exact = resourceVersionMatch === 'Exact' || (limit > 0 && !resourceVersionMatch && revision > 0);
      if (exact) {
        if (!cache.filled || cache.revision !== revision) return fromEtcd({ revision });
      } else if (revision > 0) await requireRevision(revision);
      else if (!(await filledSoon())) return fromEtcd({ revision: 0 });
    }
    return listFromCache(cache, selection, limit, lists);
  };

  const watch = async (options: StorageWatchOptions): Promise<StorageWatcher<T>> => {
    const revision = options.resourceVersion ? parseRevision(options.resourceVersion) : undefined;
    const withState = options.sendInitialEvents ?? !revision;
    const unreached = await unreachedBy(revision, withState);

    const selection = compileSelection(definition, options);
    const now = clock.now();
    const deadline = options.timeoutMs ? now + options.timeoutMs - bookmarkBeforeTimeoutMs : Infinity;
    // Spread a little, so that many watchers do not get theirs in one tick.
    const everyMs = bookmarkEveryMs * (0.75 + Math.random() / 4);
    const bookmarks = options.allowBookmarks
      ? {
          now,
          next: (at: number) => (at < deadline ? Math.min(at + everyMs, deadline) : Infinity),
        }
      : undefined;
    // State, position and registration belong together: nothing is awaited between them.
    const afterRevision = withState || !revision ? cache.revision : revision;
    const position = withState ? cache.window.end : cache.window.positionAfter(afterRevision);
    const error =
      unreached ?? (position === undefined ? newWatchExpired(afterRevision, cache.window.floor) : undefined);
    const watcher = cache.addWatcher({
      selection,
      initial: withState && !error ? cache.candidates(selection) : [],
      announceInitialEnd: options.sendInitialEvents === true && options.allowBookmarks === true,
      position: position ?? cache.window.end,
      afterRevision,
      bookmarks,
    });
    // As upstream: a watch that was accepted and cannot be served from its revision says so by an event.
    if (error) watcher.fail(error);
    return watcher;
  };

  /** Waits for what a watch begins with. Gives the error of a revision that storage has not reached; throws others. */
  const unreachedBy = async (revision: number | undefined, withState: boolean): Promise<Error | undefined> => {
    if (revision === undefined) await requireRevision(await currentRevision());
    else if (withState && revision > 0) {
      if (await cacheReaches(revision)) return undefined;
      if (cache.filled) return newTooLargeResourceVersion(revision, cache.revision);
    }
    if (!(await filledSoon())) throw newTooManyRequests('storage is (re)initializing', 1);
    return undefined;
  };

  return { get, list, watch };
}

async function filter<T extends KubeObject>(
  entries: StoredEntry<T>[],
  selection: Selection<T>,
): Promise<StoredEntry<T>[]> {
  if (selection.unfiltered) return entries;
  const slice = new TimeSlice();
  const matching: StoredEntry<T>[] = [];
  for (let index = 0; index < entries.length; index++) {
    if (selection.matches(entries[index]!)) matching.push(entries[index]!);
    if (index % 256 === 255) await slice.breathe();
  }
  return matching;
}

async function listFromCache<T extends KubeObject>(
  cache: ResourceCache<T>,
  selection: Selection<T>,
  limit: number,
  lists: ListObserver | undefined,
): Promise<StorageListResult<T>> {
  const { revision } = cache;
  const candidates = cache.candidates(selection);
  const matching = await filter(candidates, selection);
  const items = limit ? matching.slice(0, limit) : matching;
  lists?.servedFromCache(cache.definition, cache.indexOf(selection), candidates.length, items.length);
  if (items.length === matching.length) return { items, revision };
  // Relative to the listed prefix, as upstream: a namespaced list's token holds the bare name.
  const start = `${items.at(-1)!.key.slice(selection.namespace ? selection.namespace.length + 1 : 0)}\0`;
  return {
    items,
    revision,
    continue: encodeContinue({ revision, start }),
    ...(selection.unfiltered && { remainingItemCount: matching.length - limit }),
  };
}
