/**
 * The state and latest events of one resource, fed by the watch over all of etcd, and its watchers. Reads answer from here;
 * entries are shared and read-only.
 */
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import type { KubeObject } from '../../api/meta/types';
import { CacheWatcher, type WatcherHost, type WatcherOptions } from './cache-watcher';
import type { ObjectCodec, StoredEntry } from './cached-object';
import type { EtcdEvent } from './etcd-types';
import { type CacheEvent, EventWindow, type WindowLimits } from './event-window';
import { ObjectIndex } from './object-index';
import { type Selection } from './selection';
import type { StorageWatchEvent } from './storage';
import { newWatchExpired } from './storage-errors';
import { WatcherIndex } from './watcher-index';

export interface ResourceCacheOptions<T extends KubeObject> {
  definition: ResourceDefinition<T>;
  codec: ObjectCodec<T>;
  /** `/registry/core/pods/`. */
  prefix: string;
  windowLimits: WindowLimits;
  /** How many events a watcher may fall behind before it is cut off. */
  maxLagEvents: number;
  /** The revision up to which the watch over all of etcd has been applied. */
  appliedRevision(): number;
  now(): number;
  /** The receiver of a watch threw: its watch is over. */
  watcherFailed(error: unknown): void;
}

/** A write of our own that etcd has yet to answer. */
export interface PendingWrite<T extends KubeObject> {
  readonly key: string;
  readonly object: T;
  readonly text: Buffer;
  /** What etcd gets: the text, sealed. */
  readonly value: Buffer;
  /** What the object became, by etcd's event or by its answer, whichever came first. */
  entry?: StoredEntry<T>;
}

export class ResourceCache<T extends KubeObject> implements WatcherHost<T> {
  readonly definition: ResourceDefinition<T>;
  readonly codec: ObjectCodec<T>;
  readonly prefix: string;
  window: EventWindow<T>;
  /** To all watchers together, ever. */
  eventsSent = 0;
  private objects: ObjectIndex<T>;
  private filledAt = -1;
  private closed = false;
  private filledWaiters: (() => void)[] = [];
  /** Events that arrive while the state is being read. */
  private buffered: EtcdEvent[] = [];
  /** By key, of several under way the last: an event with the very bytes need not be decoded. */
  private readonly pending = new Map<string, PendingWrite<T>>();
  /** Writes of our own whose events have yet to come: their entries serve as they are. */
  private readonly written = new Map<number, StoredEntry<T>>();
  private readonly watchers = new WatcherIndex<T>();
  private readonly lagging = new Set<CacheWatcher<T>>();
  private readonly touched = new Set<CacheWatcher<T>>();
  /** Last states of deleted objects, until they have been handed out. */
  private readonly gone: StoredEntry<T>[] = [];
  private readonly shared = new WeakMap<CacheEvent<T>, Partial<Record<string, StorageWatchEvent<T>>>>();

  constructor(private readonly options: ResourceCacheOptions<T>) {
    this.definition = options.definition;
    this.codec = options.codec;
    this.prefix = options.prefix;
    this.objects = new ObjectIndex(options.definition);
    this.window = new EventWindow(0, options.windowLimits);
  }

  /** False until the first fill and while the state is read anew. */
  get filled(): boolean {
    return this.filledAt >= 0;
  }

  /** Everything up to here is in the cache. */
  get revision(): number {
    return Math.max(this.filledAt, this.options.appliedRevision());
  }

  get watcherCount(): number {
    return this.watchers.size + this.lagging.size;
  }

  get objectCount(): number {
    return this.objects.size;
  }

  get(key: string): StoredEntry<T> | undefined {
    return this.objects.get(key);
  }

  /** Entries in key order that may match; the array is the caller's. */
  candidates(selection: Selection<T>): StoredEntry<T>[] {
    return this.objects.candidates(selection);
  }

  /** The index that narrows a selection down, by upstream's name; '' if none does. */
  indexOf(selection: Selection<T>): string {
    const field = this.objects.narrowing(selection)?.field;
    return field === undefined || field === 'metadata.name' ? '' : `f:${field}`;
  }

  /** Resolves true once filled, false when `giveUp` resolves first. */
  async whenFilled(giveUp: Promise<void>): Promise<boolean> {
    if (this.filled || this.closed) return this.filled;
    await Promise.race([new Promise<void>((resolve) => this.filledWaiters.push(resolve)), giveUp]);
    return this.filled;
  }

  /** The state is about to be read: it holds what came until now. */
  beginFill(): void {
    this.buffered = [];
  }

  /** Takes over the state read at `revision`; what was buffered since is applied on top. Throws, and is not filled, if that cannot be decoded. */
  fill(entries: StoredEntry<T>[], revision: number): void {
    const objects = new ObjectIndex<T>(this.definition);
    for (const entry of entries) objects.set(entry);
    this.objects = objects;
    this.window = new EventWindow(revision, this.options.windowLimits);
    this.filledAt = revision;
    const buffered = this.buffered;
    this.buffered = [];
    try {
      for (const event of buffered) this.apply(event);
    } catch (error) {
      this.reset();
      throw error;
    }
    this.flush();
    this.wakeFilledWaiters();
  }

  /** History has a gap: every watcher ends with 410, and reads wait for the next fill. */
  reset(): void {
    const revision = this.revision;
    this.filledAt = -1;
    this.buffered = [];
    this.written.clear();
    this.touched.clear();
    for (const watcher of [...this.watchers.all(), ...this.lagging])
      watcher.fail(newWatchExpired(revision, revision + 1));
  }

  /** Nobody feeds it any more: who still has its storage reads etcd. */
  close(error: Error): void {
    this.closed = true;
    this.filledAt = -1;
    this.objects = new ObjectIndex(this.definition);
    this.failWatchers(error);
    this.wakeFilledWaiters();
  }

  private wakeFilledWaiters(): void {
    const waiters = this.filledWaiters;
    this.filledWaiters = [];
    for (const resolve of waiters) resolve();
  }

  /** Fails every watcher, as on shutdown. */
  failWatchers(error: Error): void {
    for (const watcher of [...this.watchers.all(), ...this.lagging]) watcher.fail(error);
  }

  beginWrite(write: PendingWrite<T>): void {
    this.pending.set(write.key, write);
  }

  endWrite(write: PendingWrite<T>): void {
    if (this.pending.get(write.key) === write) this.pending.delete(write.key);
  }

  /**
   * Tells that etcd took a write. Gives the entry to use: the cache's, if its event came first. The event itself is what puts
   * it into the cache, so that watchers see one order.
   */
  noteWritten(write: PendingWrite<T>, revision: number): StoredEntry<T> {
    if (write.entry?.revision === revision) return write.entry;
    const entry = this.entryOfWrite(write, revision);
    if (!this.filled) return entry;
    if (this.revision < revision) {
      this.written.set(revision, entry);
      return entry;
    }
    const cached = this.objects.get(write.key);
    return cached?.revision === revision ? cached : entry;
  }

  /** One event of etcd below the prefix, in order. Watchers get it at the next `flush`. */
  apply(event: EtcdEvent): void {
    if (!this.filled) {
      this.buffered.push(event);
      return;
    }
    const own = this.written.get(event.revision);
    if (own) this.written.delete(event.revision);
    if (event.revision <= this.filledAt) return;
    const applied = event.type === 'put' ? this.applyPut(event, own) : this.applyDelete(event);
    if (!applied) return;
    this.window.append(applied);
    this.watchers.forEachInterested(this.definition, applied, (watcher) => {
      if (watcher.offer(applied)) this.touched.add(watcher);
    });
    applied.previous?.release();
    if (applied.type === 'DELETED') this.gone.push(applied.entry);
  }

  private applyPut(event: EtcdEvent, own: StoredEntry<T> | undefined): CacheEvent<T> {
    const key = event.key.slice(this.prefix.length);
    const entry = own?.key === key ? own : this.entryOf(key, event);
    const previous = this.objects.set(entry);
    const type = previous ? 'MODIFIED' : 'ADDED';
    return { type, revision: event.revision, atMs: this.options.now(), entry, ...(previous && { previous }) };
  }

  private entryOf(key: string, { value, revision }: EtcdEvent): StoredEntry<T> {
    const write = this.pending.get(key);
    return write?.value.equals(value) ? this.entryOfWrite(write, revision) : this.codec.decode(key, value, revision);
  }

  /** The object itself serves once: who else wrote the very bytes, before or after, gets one of his own. */
  private entryOfWrite(write: PendingWrite<T>, revision: number): StoredEntry<T> {
    if (write.entry) return this.codec.decode(write.key, write.value, revision);
    return (write.entry = this.codec.written(write.key, write.object, write.text, revision));
  }

  private applyDelete(event: EtcdEvent): CacheEvent<T> | undefined {
    const previous = this.objects.delete(event.key.slice(this.prefix.length));
    if (!previous) return undefined;
    const entry = previous.withRevision(event.revision);
    return { type: 'DELETED', revision: event.revision, atMs: this.options.now(), entry, previous };
  }

  /** Hands the events applied since the last time to the watchers, and cuts off those too far behind. */
  flush(): void {
    if (this.touched.size) {
      const touched = [...this.touched];
      this.touched.clear();
      for (const watcher of touched) watcher.flush();
    }
    for (const entry of this.gone.splice(0)) entry.release();
    const { end, start, floor } = this.window;
    for (const watcher of this.lagging) {
      if (watcher.position < start || end - watcher.position > this.options.maxLagEvents) {
        watcher.fail(newWatchExpired(floor, this.revision));
      }
    }
  }

  /** What is due now and then: bookmarks, and the end of old history. */
  tick(now: number): void {
    this.window.trim(now);
    for (const watcher of this.watchers.all()) watcher.bookmark(now);
  }

  addWatcher(options: WatcherOptions<T>): CacheWatcher<T> {
    const watcher = new CacheWatcher<T>(this, options);
    this.lagging.add(watcher);
    return watcher;
  }

  outgoing(event: CacheEvent<T>, type: 'ADDED' | 'MODIFIED' | 'DELETED'): StorageWatchEvent<T> {
    let variants = this.shared.get(event);
    if (!variants) this.shared.set(event, (variants = {}));
    return (variants[type] ??= this.variant(event, type));
  }

  private variant(event: CacheEvent<T>, type: 'ADDED' | 'MODIFIED' | 'DELETED'): StorageWatchEvent<T> {
    const { entry, previous } = event;
    if (type === 'MODIFIED') return { type, entry, previous: previous! };
    const left = type === 'DELETED' && event.type !== 'DELETED';
    return { type, entry: left ? previous!.withRevision(event.revision) : entry };
  }

  goLive(watcher: CacheWatcher<T>): void {
    this.lagging.delete(watcher);
    this.watchers.add(watcher);
  }

  goLagging(watcher: CacheWatcher<T>): void {
    this.watchers.delete(watcher);
    this.lagging.add(watcher);
  }

  watcherFailed(error: unknown): void {
    this.options.watcherFailed(error);
  }

  remove(watcher: CacheWatcher<T>): void {
    this.watchers.delete(watcher);
    this.lagging.delete(watcher);
    this.touched.delete(watcher);
  }
}
