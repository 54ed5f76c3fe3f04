/** A local, indexed copy of a kind that follows the server by list and watch, and tells handlers what changed. */
import type { ResourceDefinition } from '../api/meta/resource-definition';
import type { Selector } from '../api/meta/selectors';
import type { KubeObject, Stored } from '../api/meta/types';

/** Reads of an informer's cache. Objects are shared and read-only: copy before editing. */
export interface Lister<T extends KubeObject> {
  /** By `namespace/name`, or the name of a cluster-scoped object. */
  get(key: string): Stored<T> | undefined;
  list(options?: { namespace?: string; selector?: Selector }): Stored<T>[];
  /** Objects that an index (see `Informer.addIndex`) files under `value`. */
  byIndex(index: string, value: string): Stored<T>[];
}

/** Handlers are called in order, after the cache changed, never before the initial list is complete for `update`. */
export interface EventHandler<T extends KubeObject> {
  add?(object: Stored<T>): void;
  update?(object: Stored<T>, old: Stored<T>): void;
  /** `object` is the last state seen; after a gap it may be older than the deleted one. */
  delete?(object: Stored<T>): void;
}

export interface InformerScope {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

export interface Informer<T extends KubeObject> {
  readonly definition: ResourceDefinition<T>;
  readonly lister: Lister<T>;
  addEventHandler(handler: EventHandler<T>): void;
  /** Must be called before start. `values` gives the index values of an object. */
  addIndex(name: string, values: (object: T) => string[]): void;
  hasSynced(): boolean;
  /** Resolves once the first list is in the cache; rejects when the signal aborts. */
  waitForSync(signal?: AbortSignal): Promise<void>;
}

/** One informer per definition and scope, shared by all who ask. */
export interface InformerFactory {
  informer<T extends KubeObject>(definition: ResourceDefinition<T>, scope?: InformerScope): Informer<T>;
  /** Starts every informer asked for so far (call again after asking for more) until the signal aborts. */
  start(signal: AbortSignal): void;
  waitForSync(signal?: AbortSignal): Promise<void>;
}
