/**
 * Create, update and delete of one resource: single transactions guarded by the mod revision. An update or deletion begins
 * with the cached object; whatever it fails with is believed only after etcd was asked for the current one, so no client
 * sees a conflict that a stale cache made up. Upstream: `storage/etcd3/store.go`.
 */
import { isDeepStrictEqual } from 'node:util';
import { cloneJson, deepEqual } from '../../api/meta/json';
import {
  type GroupResource,
  newAlreadyExists,
  newConflict,
  newNotFound,
  StatusError,
} from '../../api/meta/status-error';
import type { KubeObject, Stored } from '../../api/meta/types';
import { type StoredEntry, unstoredEntry } from './cached-object';
import type { Etcd } from './etcd';
import type { KeyValue, WriteResult } from './etcd-types';
import { etcdStatusError, isEtcdFailure } from './etcd-errors';
import type { LeaseManager } from './lease-manager';
import type { PendingWrite, ResourceCache } from './resource-cache';
import type { CachedObject, Preconditions, Storage } from './storage';

export interface WriterDeps<T extends KubeObject> {
  etcd: Etcd;
  cache: ResourceCache<T>;
  leases: LeaseManager;
}

/** Where an attempt starts from. `fresh`: read from etcd just now. */
interface Origin<T extends KubeObject> {
  entry: StoredEntry<T> | undefined;
  fresh: boolean;
}

export function createObjectWriter<T extends KubeObject>(
  deps: WriterDeps<T>,
): Pick<Storage<T>, 'create' | 'guaranteedUpdate' | 'delete'> {
  const { etcd, cache, leases } = deps;
  const { codec, definition, prefix } = cache;
  const resource: GroupResource = { group: definition.group, resource: definition.names.plural };
  const nameOf = (key: string): string => key.slice(key.indexOf('/') + 1);

  const decode = (key: string, found: KeyValue | undefined): StoredEntry<T> | undefined =>
    found && codec.decode(key, found.value, found.revision);
  const readFresh = async (key: string): Promise<Origin<T>> => ({
    entry: decode(key, await etcd.get(prefix + key)),
    fresh: true,
  });
  /** No write tells a dry run that the cache is behind. */
  const origin = async (key: string, dryRun = false): Promise<Origin<T>> => {
    const cached = cache.filled && !dryRun ? cache.get(key) : undefined;
    return cached ? { entry: cached, fresh: false } : readFresh(key);
  };

  const put = async (key: string, value: Buffer, ifRevision: number, ttlSeconds?: number): Promise<WriteResult> => {
    if (!ttlSeconds) return etcd.put(prefix + key, value, { ifRevision });
    for (let attempt = 0; ; attempt++) {
      const leaseId = await leases.leaseFor(ttlSeconds);
      try {
        return await etcd.put(prefix + key, value, { ifRevision, leaseId });
      } catch (error) {
        // It ran out while etcd was away. Nothing was written.
        if (!isEtcdFailure(error, 'lease') || attempt > 0) throw error;
        leases.forget(leaseId);
      }
    }
  };

  /** Gives the entry of the written object, or what is there instead. */
  const write = async (
    key: string,
    object: T,
    ifRevision: number,
    ttlSeconds?: number,
  ): Promise<{ entry: StoredEntry<T> } | { current: KeyValue | undefined }> => {
    const text = codec.encode(object);
    const pending: PendingWrite<T> = { key, object, text, value: codec.seal(key, text) };
    cache.beginWrite(pending);
    try {
      const { succeeded, revision, current } = await put(key, pending.value, ifRevision, ttlSeconds);
      return succeeded ? { entry: cache.noteWritten(pending, revision) } : { current };
    } finally {
      cache.endWrite(pending);
    }
  };

  const create: Storage<T>['create'] = (key, object, options = {}) =>
    asStatus(async () => {
      if (object.metadata?.resourceVersion) {
        throw new StatusError(500, '', 'resourceVersion should not be set on objects to be created');
      }
      if (options.dryRun) {
        if (await etcd.get(prefix + key)) throw newAlreadyExists(resource, nameOf(key));
        return unstoredEntry(definition, key, object);
      }
      const result = await write(key, object, 0, options.ttlSeconds);
      if (!('entry' in result)) throw newAlreadyExists(resource, nameOf(key));
      return result.entry;
    });

  const checkPreconditions = (key: string, entry: StoredEntry<T>, preconditions?: Preconditions): void => {
    const { uid, resourceVersion } = entry.object.metadata;
    const mismatch = (what: string, wanted: string, actual: string): StatusError =>
      newConflict(
        resource,
        nameOf(key),
        `StorageError: invalid object, Code: 4, Key: ${prefix}${key}, ResourceVersion: 0, AdditionalErrorMsg: ` +
          `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${actual}`,
      );
    if (preconditions?.uid && preconditions.uid !== uid) throw mismatch('UID', preconditions.uid, uid);
    if (preconditions?.resourceVersion && preconditions.resourceVersion !== resourceVersion) {
      throw mismatch('ResourceVersion', preconditions.resourceVersion, resourceVersion);
    }
  };

  /**
   * Runs `attempt` on the cached object (a dry run: on etcd's), then on ever fresher ones, until it settles. It returns the state that beat it, or
   * its result. Its error counts only if it saw the current state.
   */
  const settle = async <R>(
    key: string,
    { dryRun }: { dryRun?: boolean },
    attempt: (from: Origin<T>) => Promise<{ done: R } | { retry: Origin<T> }>,
  ): Promise<R> => {
    for (let from = await origin(key, dryRun); ;) {
      try {
        const outcome = await attempt(from);
        if ('done' in outcome) return outcome.done;
        from = outcome.retry;
      } catch (error) {
        // What etcd itself answered (or did not) is final: a write is never repeated after it.
        if (from.fresh || !(error instanceof StatusError)) throw error;
        const fresh = await readFresh(key);
        if (fresh.entry?.revision === from.entry?.revision) throw error;
        from = fresh;
      }
    }
  };

  const guaranteedUpdate: Storage<T>['guaranteedUpdate'] = (key, update, options = {}) =>
    asStatus(() =>
      settle<CachedObject<T>>(key, options, async ({ entry, fresh }) => {
        if (entry) checkPreconditions(key, entry, options.preconditions);
        const next = await update(entry && cloneJson(entry.object));
        if (!entry && !next) throw newNotFound(resource, nameOf(key));
        if (!next || (entry && sameState(next, entry.object, definition.emptyCounts))) {
          if (!fresh) {
            const current = await readFresh(key);
            const same = current.entry?.revision === entry?.revision && !current.entry?.stale;
            return same ? { done: entry! } : { retry: current };
          }
          if (!next || !entry?.stale) return { done: entry! };
        }
        if (options.dryRun) return { done: unstoredEntry(definition, key, next) };
        const result = await write(key, next, entry?.revision ?? 0, options.ttlSeconds);
        if (!('entry' in result)) return { retry: { entry: decode(key, result.current), fresh: true } };
        return { done: result.entry };
      }),
    );

  const remove: Storage<T>['delete'] = (key, options = {}) =>
    asStatus(() =>
      settle<CachedObject<T>>(key, options, async ({ entry }) => {
        if (!entry) throw newNotFound(resource, nameOf(key));
        checkPreconditions(key, entry, options.preconditions);
        await options.validate?.(entry.object);
        if (options.dryRun) return { done: entry };
        const result = await etcd.delete(prefix + key, { ifRevision: entry.revision });
        if (!result.succeeded) return { retry: { entry: decode(key, result.current), fresh: true } };
        return { done: entry.withRevision(result.revision) };
      }),
    );

  return { create, guaranteedUpdate, delete: remove };
}

/** Everything but the revision says the same; beside the metadata also to the letter, where an empty list counts. */
function sameState<T extends KubeObject>(next: T, current: Stored<T>, emptyCounts = false): boolean {
  if (emptyCounts && !isDeepStrictEqual({ ...next, metadata: null }, { ...current, metadata: null })) return false;
  const revision = next.metadata?.resourceVersion;
  if (revision === current.metadata.resourceVersion) return deepEqual(next, current);
  const metadata = { ...next.metadata, resourceVersion: current.metadata.resourceVersion };
  return deepEqual({ ...next, metadata }, current);
}

/** Errors leave storage as StatusErrors; what a callback threw stays what it is. */
async function asStatus<R>(run: () => Promise<R>): Promise<R> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof Error && error.name === 'EtcdRequestError' ? etcdStatusError(error) : error;
  }
}
