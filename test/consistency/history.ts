/**
 * What a run records, and all that its verification knows. Times are of one monotonic clock, in milliseconds; revisions are
 * those of etcd, one order for all objects.
 */

/** One change as etcd itself tells it. `id` is what the writer put there: no two writes have the same. */
export interface StoredChange {
  revision: number;
  key: string;
  type: 'put' | 'delete';
  id?: string;
  side?: string;
  count?: number;
}

/** `failed`: the server refused it, so that it must not have happened. `unknown`: nobody told. */
export type Outcome = 'ok' | 'failed' | 'unknown';

interface Interval {
  client: string;
  invokedAt: number;
  completedAt: number;
}

export interface WriteOperation extends Interval {
  kind: 'write';
  verb: 'create' | 'update' | 'delete';
  key: string;
  /** '' for deletions. */
  id: string;
  outcome: Outcome;
  /** Of an acknowledged create or update. */
  revision?: number;
  /** The resourceVersion that the write required. */
  basis?: number;
}

/** An unversioned get. Without `found` the object was not there. */
export interface ReadOperation extends Interval {
  kind: 'read';
  key: string;
  found?: { revision: number; id: string };
}

/** A list, also one read in pages. `cached`: it was allowed to be old (resourceVersion=0). */
export interface ListOperation extends Interval {
  kind: 'list';
  side?: string;
  cached: boolean;
  revision: number;
  items: { key: string; revision: number; id: string }[];
}

/** A read of history that etcd had discarded before the request. */
export interface ExpiryProbe extends Interval {
  kind: 'probe';
  what: string;
  code: number;
}

export type Operation = WriteOperation | ReadOperation | ListOperation | ExpiryProbe;

export interface SeenEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  /** '' for bookmarks. */
  key: string;
  revision: number;
  id?: string;
}

/** A watch from one revision on, with all its resumptions on any server, until it was told that its revision is too old. */
export interface WatchSession {
  client: string;
  /** The label it selects; undefined: all objects. */
  side?: string;
  from: number;
  events: SeenEvent[];
  resumptions: number;
  expired: boolean;
  /** The watch lasted to the end of the run and has to have seen everything up to here. */
  mustReach?: number;
}

/** A watcher that did not read, beside one that did. */
export interface SlowWatch {
  cut: boolean;
  othersReceived: number;
  othersExpected: number;
}

export interface History {
  stored: StoredChange[];
  operations: Operation[];
  watches: WatchSession[];
  slow?: SlowWatch;
}

export interface Violation {
  rule:
    | 'lost write'
    | 'phantom write'
    | 'repeated write'
    | 'stale read'
    | 'stale list'
    | 'torn list'
    | 'future read'
    | 'lost update'
    | 'event dropped'
    | 'event duplicated'
    | 'event reordered'
    | 'event wrong'
    | 'watch behind'
    | 'not expired'
    | 'slow watcher';
  detail: string;
}
