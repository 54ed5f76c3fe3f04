/**
 * Objects with revisions, in etcd behind a watch cache. This interface is all that the registry knows of storage.
 * Revisions are etcd mod revisions as numbers (exact up to 2^53); on the wire they are decimal strings.
 */
import type { FieldSelector, Selector } from '../../api/meta/selectors';
import type { KubeObject, Stored } from '../../api/meta/types';
import type { ObjectEventType } from './framed-bytes';

/** One stored object. `object` is shared by all readers: read-only. */
export interface CachedObject<T extends KubeObject = KubeObject> {
  readonly key: string;
  readonly revision: number;
  readonly object: Stored<T>;
  /**
   * The object's JSON, with resourceVersion, made at most once per served version. `apiVersion` is one of the versions the
   * kind is served in; default: the stored one.
   */
  bytes(apiVersion?: string): Buffer;
  /** The line of a watch that tells of it, of those that lie in etcd as they are served; made at most once for each type and version. */
  line?(type: ObjectEventType, apiVersion?: string): Buffer;
}

export interface SelectionPredicate {
  labels?: Selector;
  fields?: FieldSelector;
}

export interface StorageListOptions extends SelectionPredicate {
  /** '' for all namespaces. */
  namespace: string;
  /** Undefined: linearizable. '0': whatever the cache has. Else: not older than, or exact. */
  resourceVersion?: string;
  resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  limit?: number;
  continue?: string;
  signal?: AbortSignal;
}

export interface StorageListResult<T extends KubeObject> {
  items: CachedObject<T>[];
  revision: number;
  continue?: string;
  remainingItemCount?: number;
}

export interface StorageWatchOptions extends SelectionPredicate {
  namespace: string;
  /** Undefined or '0': start with synthetic ADDED events of the current state. */
  resourceVersion?: string;
  allowBookmarks?: boolean;
  /** Streams the state as ADDED events; with `allowBookmarks`, then a bookmark annotated `k8s.io/initial-events-end`. */
  sendInitialEvents?: boolean;
  resourceVersionMatch?: 'NotOlderThan';
  /** When the endpoint will end the watch: a last bookmark goes out shortly before. */
  timeoutMs?: number;
}

/** An event for one watcher. For DELETED of an object that left the selector, `entry` is its new state's revision with the old object. */
export type StorageWatchEvent<T extends KubeObject = KubeObject> =
  | { type: ObjectEventType; entry: CachedObject<T>; /** Of MODIFIED: the state before. */ previous?: CachedObject<T> }
  | { type: 'BOOKMARK'; revision: number; initialEventsEnd?: boolean }
  | { type: 'ERROR'; error: Error };

/**
 * Receives the events of one tick together. Returning false means the receiver's buffer is full: the watcher is paused until
 * `resume`, and cut off when it falls too far behind.
 */
export interface StorageWatcher<T extends KubeObject = KubeObject> {
  start(sink: (events: StorageWatchEvent<T>[]) => boolean): void;
  resume(): void;
  stop(): void;
}

export interface Preconditions {
  uid?: string;
  resourceVersion?: string;
}

export interface WriteOptions {
  /** The object vanishes by itself after this time. */
  ttlSeconds?: number;
  dryRun?: boolean;
}

/** The storage of one resource. Keys are `namespace/name` or `name`. Errors are StatusErrors of that resource. */
export interface Storage<T extends KubeObject = KubeObject> {
  /** Throws NotFound. `resourceVersion` '0' reads the cache; undefined is linearizable. */
  get(key: string, options?: { resourceVersion?: string; signal?: AbortSignal }): Promise<CachedObject<T>>;
  list(options: StorageListOptions): Promise<StorageListResult<T>>;
  /** A revision that is too old or has not been reached becomes an ERROR event. */
  watch(options: StorageWatchOptions): Promise<StorageWatcher<T>>;
  /** Throws AlreadyExists. `object` belongs to storage from now on. A dry run checks and answers, but writes nothing. */
  create(key: string, object: T, options?: WriteOptions): Promise<CachedObject<T>>;
  /**
   * Reads, lets `update` make the next state from a copy, and writes it guarded by the revision; repeats on a lost race.
   * `update` gets undefined when the object does not exist, and returns undefined to leave everything as it is.
   * Writes nothing when the next state says the same. Throws NotFound, when `update` gets nothing and gives nothing, and
   * Conflict when preconditions fail.
   */
  guaranteedUpdate(
    key: string,
    update: (current: Stored<T> | undefined) => Promise<T | undefined> | T | undefined,
    options?: WriteOptions & { preconditions?: Preconditions },
  ): Promise<CachedObject<T>>;
  /**
   * Deletes if `validate` does not throw for the current state and its revision is unchanged. Gives the last state, whose
   * revision is that of the deletion.
   */
  delete(
    key: string,
    options?: {
      preconditions?: Preconditions;
      validate?(current: Stored<T>): Promise<void> | void;
      dryRun?: boolean;
    },
  ): Promise<CachedObject<T>>;
}
