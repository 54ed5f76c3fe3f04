/** A local, indexed copy of a kind that follows the server by list and watch, and tells handlers what changed. */
import type { ResourceDefinition } from '../api/meta/resource-definition';
import type { Selector } from '../api/meta/selectors';
import { keyOf, type KubeObject, type Stored, type WatchEvent } from '../api/meta/types';
import type { Clock } from '../component-base/clock';
import type { Logger } from '../component-base/logger';
import { ObjectStore } from './object-store';
import { type ReflectorSink, runReflector } from './reflector';
import type { RestClient } from './rest-client';

/** Reads of an informer's cache. Objects are shared and read-only: copy before editing. */
export interface Lister<T extends KubeObject> {
  /** By `namespace/name`, or the name of a cluster-scoped object. */
  get(key: string): Stored<T> | undefined;
  list(options?: { namespace?: string; selector?: Selector }): Stored<T>[];
  /** Objects that an index (see `Informer.addIndex`) files under `value`. */
  byIndex(index: string, value: string): Stored<T>[];
}

/**
 * Handlers are called in order, after the cache changed, never before the initial list is complete for `update`. An object
 * that was replaced by another of its name is deleted and added, never updated.
 */
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
  /** Only the metadata of the objects is fetched and kept. */
  metadataOnly?: boolean;
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

export interface InformerOptions<T extends KubeObject> {
  client: RestClient;
  definition: ResourceDefinition<T>;
  scope?: InformerScope | undefined;
  clock: Clock;
  log: Logger;
  /** Freezes cached objects deeply, so that tests catch whoever edits them. */
  freeze?: boolean | undefined;
}

/** The informer of a factory; `run` follows the server until the signal aborts. */
export class CachedInformer<T extends KubeObject> implements Informer<T>, ReflectorSink<T> {
  readonly definition: ResourceDefinition<T>;
  private readonly store = new ObjectStore<T>();
  private readonly handlers: EventHandler<T>[] = [];
  private readonly waiters: (() => void)[] = [];
  private synced = false;
  private running = false;

  constructor(private readonly options: InformerOptions<T>) {
    this.definition = options.definition;
  }

  get lister(): Lister<T> {
    return this.store;
  }

  /** A handler that comes late is told of every object already there. */
  addEventHandler(handler: EventHandler<T>): void {
    this.handlers.push(handler);
    for (const object of this.store.list()) this.notify(handler, 'add', object);
  }

  addIndex(name: string, values: (object: T) => string[]): void {
    this.store.addIndex(name, values);
  }

  hasSynced(): boolean {
    return this.synced;
  }

  waitForSync(signal?: AbortSignal): Promise<void> {
    if (this.synced) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal?.reason as Error);
      if (signal?.aborted) return onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      this.waiters.push(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
    });
  }

  /** Does nothing when it runs already. */
  run(signal: AbortSignal): void {
    if (this.running) return;
    this.running = true;
    const { client, definition, scope, clock, log } = this.options;
    void runReflector({ client, definition, scope, sink: this, clock, log }, signal);
  }

  /** Makes the cache equal to a list: handlers hear only of differences, and of objects that vanished unseen. */
  replace(items: Stored<T>[]): void {
    const gone = new Set(this.store.keys());
    for (const item of items) {
      gone.delete(keyOf(item));
      this.put(item);
    }
    for (const key of gone) this.drop(key);
    if (this.synced) return;
    this.synced = true;
    for (const waiter of this.waiters.splice(0)) waiter();
  }

  apply({ type, object }: WatchEvent<Stored<T>>): void {
    if (type === 'DELETED') this.drop(keyOf(object), object);
    else this.put(object);
  }

  private put(object: Stored<T>): void {
    const key = keyOf(object);
    const known = this.store.get(key);
    if (known?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    // Another object under the same name: the old one was deleted unseen.
    if (known && known.metadata.uid !== object.metadata.uid) this.drop(key);
    // Nobody reads them here, and they are a third of an object's bytes.
    delete object.metadata.managedFields;
    if (this.options.freeze) freezeDeeply(object);
    const old = this.store.set(object);
    for (const handler of this.handlers) {
      if (old) this.notify(handler, 'update', object, old);
      else this.notify(handler, 'add', object);
    }
  }

  private drop(key: string, last?: Stored<T>): void {
    const old = this.store.remove(key);
    const object = last ?? old;
    if (!object || !old) return;
    for (const handler of this.handlers) this.notify(handler, 'delete', object);
  }

  /** One handler's exception is no other's concern. */
  private notify(
    handler: EventHandler<T>,
    event: 'add' | 'update' | 'delete',
    object: Stored<T>,
    old?: Stored<T>,
  ): void {
    try {
      if (event === 'update') handler.update?.(object, old as Stored<T>);
      else handler[event]?.(object);
    } catch (error) {
      this.options.log.error({ err: error, event, key: keyOf(object) }, 'Event handler failed');
    }
  }
}

function freezeDeeply(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const child of Object.values(value)) freezeDeeply(child);
}
