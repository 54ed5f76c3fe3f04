/**
 * A local, indexed copy of one kind that follows its store's watch in process: an informer without the wire. After a cut or an
 * expired revision it lists again and reports the differences.
 */
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import { keyOf, type KubeObject, type Stored } from '../../api/meta/types';
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import type { RequestContext } from '../request-context';
import type { Stores } from './store';

export interface ViewHandler<T extends KubeObject> {
  add?(object: Stored<T>): void;
  update?(object: Stored<T>, old: Stored<T>): void;
  delete?(object: Stored<T>): void;
}

export interface ViewSource {
  stores: Stores;
  context: RequestContext;
  clock: Clock;
  log: Logger;
  signal: AbortSignal;
}

/** Reads give shared objects: read-only. */
export interface View<T extends KubeObject> {
  get(key: string): Stored<T> | undefined;
  list(namespace?: string): Stored<T>[];
  byIndex(index: string, value: string): Stored<T>[];
  /** `values` gives the values an object is filed under. May be called at any time. */
  addIndex(name: string, values: (object: T) => Iterable<string>): void;
  addHandler(handler: ViewHandler<T>): void;
  hasSynced(): boolean;
  /** Resolves after the first list; rejects when the signal aborts. */
  waitForSync(signal?: AbortSignal): Promise<void>;
  start(source: ViewSource): void;
  /** Applies one change, as the watch does. */
  apply(key: string, object: Stored<T> | undefined): void;
}

const retryDelayMs = 500;

class Index<T> {
  private readonly buckets = new Map<string, Set<string>>();

  constructor(private readonly values: (object: T) => Iterable<string>) {}

  keys(value: string): Iterable<string> {
    return this.buckets.get(value) ?? [];
  }

  file(key: string, object: T): void {
    for (const value of this.values(object)) {
      const bucket = this.buckets.get(value);
      if (bucket) bucket.add(key);
      else this.buckets.set(value, new Set([key]));
    }
  }

  remove(key: string, object: T): void {
    for (const value of this.values(object)) {
      const bucket = this.buckets.get(value);
      if (bucket?.delete(key) && bucket.size === 0) this.buckets.delete(value);
    }
  }
}

export function createView<T extends KubeObject>(definition: ResourceDefinition<T>): View<T> {
  const objects = new Map<string, Stored<T>>();
  const indexes = new Map<string, Index<Stored<T>>>();
  const handlers: ViewHandler<T>[] = [];
  let synced = false;
  let running = false;
  let resolveSync: () => void = () => undefined;
  const syncing = new Promise<void>((resolve) => (resolveSync = resolve));

  const apply = (key: string, object: Stored<T> | undefined): void => {
    const old = objects.get(key);
    if (old) for (const index of indexes.values()) index.remove(key, old);
    if (object) {
      objects.set(key, object);
      for (const index of indexes.values()) index.file(key, object);
      for (const handler of handlers) {
        if (old) handler.update?.(object, old);
        else handler.add?.(object);
      }
    } else if (old) {
      objects.delete(key);
      for (const handler of handlers) handler.delete?.(old);
    }
  };

  const replace = (items: Stored<T>[]): void => {
    const present = new Set<string>();
    for (const item of items) {
      const key = keyOf(item);
      present.add(key);
      if (objects.get(key)?.metadata.resourceVersion !== item.metadata.resourceVersion) apply(key, item);
    }
    for (const key of [...objects.keys()]) if (!present.has(key)) apply(key, undefined);
  };

  /** One list and one watch; resolves when the watch ends. */
  const follow = async ({ stores, context, signal }: ViewSource): Promise<void> => {
    const store = stores.of(definition);
    const { items, revision } = await store.list(context, { namespace: '', signal });
    replace(items.map((entry) => entry.object));
    synced = true;
    resolveSync();
    const watcher = await store.watch(context, {
      namespace: '',
      resourceVersion: String(revision),
      allowBookmarks: true,
    });
    await new Promise<void>((resolve) => {
      const end = (): void => {
        signal.removeEventListener('abort', end);
        watcher.stop();
        resolve();
      };
      signal.addEventListener('abort', end, { once: true });
      watcher.start((events) => {
        for (const event of events) {
          if (event.type === 'ERROR') end();
          else if (event.type !== 'BOOKMARK') {
            apply(keyOf(event.entry.object), event.type === 'DELETED' ? undefined : event.entry.object);
          }
        }
        return true;
      });
    });
  };

  const run = async (source: ViewSource): Promise<void> => {
    while (!source.signal.aborted) {
      try {
        await follow(source);
      } catch (error) {
        if (source.signal.aborted) return;
        source.log.debug({ err: error, resource: definition.names.plural }, 'view lost its watch');
        await source.clock.sleep(retryDelayMs, source.signal).catch(() => undefined);
      }
    }
  };

  return {
    get: (key) => objects.get(key),
    list(namespace) {
      const all = [...objects.values()];
      return namespace ? all.filter((object) => object.metadata.namespace === namespace) : all;
    },
    byIndex(name, value) {
      const found: Stored<T>[] = [];
      for (const key of indexes.get(name)?.keys(value) ?? []) found.push(objects.get(key)!);
      return found;
    },
    addIndex(name, values) {
      if (indexes.has(name)) return;
      const index = new Index<Stored<T>>(values);
      for (const [key, object] of objects) index.file(key, object);
      indexes.set(name, index);
    },
    addHandler(handler) {
      handlers.push(handler);
      for (const object of objects.values()) handler.add?.(object);
    },
    hasSynced: () => synced,
    async waitForSync(signal) {
      if (synced) return;
      let stop: (() => void) | undefined;
      const aborted = new Promise<never>((_, reject) => {
        stop = () => reject(signal?.reason as Error);
        if (signal?.aborted) stop();
        signal?.addEventListener('abort', stop, { once: true });
      });
      try {
        await Promise.race([syncing, aborted]);
      } finally {
        signal?.removeEventListener('abort', stop!);
      }
    },
    start(source) {
      if (running) return;
      running = true;
      void run(source);
    },
    apply,
  };
}
