/**
 * One etcd watch over everything feeds the caches of all resources. Its revision is the promise the caches make: all events
 * up to it have been applied and handed to watchers.
 */
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import { newServiceUnavailable } from '../../api/meta/status-error';
import type { KubeObject } from '../../api/meta/types';
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import { createCodec, type StoredEntry } from './cached-object';
import type { Etcd } from './etcd';
import type { EtcdEvent } from './etcd-types';
import { watchPrefix } from './etcd-watch';
import { defaultWindowLimits, type WindowLimits } from './event-window';
import { endOfPrefix, prefixOfKey, registryRoot, resourcePrefix } from './keys';
import { ResourceCache } from './resource-cache';
import { TimeSlice } from './time-slice';
import type { Transformer } from './transform';

export interface WatchCacheOptions {
  etcd: Etcd;
  clock: Clock;
  log: Logger;
  windowLimits?: WindowLimits;
  /** Default 20,000. */
  maxLagEvents?: number;
  /** What seals the bytes of a kind in etcd. Default: nothing. */
  transformerFor?(definition: ResourceDefinition): Transformer;
  /** Tests freeze what the cache shares. */
  freeze?: boolean;
}

const fillPageSize = 500;
const minRetryMs = 250;
const maxRetryMs = 2_000;
const tickMs = 1_000;

export class WatchCache {
  private readonly caches = new Map<string, ResourceCache<any>>();
  private readonly queue: EtcdEvent[][] = [];
  private draining = false;
  private appliedRevision = 0;
  private waiters: { revision: number; resolve(): void }[] = [];
  /** Counts the watches: what an earlier one began is void. */
  private generation = 0;
  private stopWatch?: () => void;
  private closed = false;
  private readonly abort = new AbortController();

  constructor(private readonly options: WatchCacheOptions) {
    void this.begin();
    this.tick();
  }

  get revision(): number {
    return this.appliedRevision;
  }

  /** The built-in resources whose state has yet to be read; others come at any time. */
  unfilled(): string[] {
    return [...this.caches.values()]
      .filter(({ filled, definition }) => !filled && !definition.custom)
      .map(({ definition }) => definition.names.plural);
  }

  all(): Iterable<ResourceCache<any>> {
    return this.caches.values();
  }

  /** How many objects of a resource are known. */
  countOf(group: string, resource: string): number {
    return this.caches.get(`${registryRoot}${group || 'core'}/${resource}/`)?.objectCount ?? 0;
  }

  /** The cache of a kind; made, and filled in the background, on first use. */
  register<T extends KubeObject>(definition: ResourceDefinition<T>): ResourceCache<T> {
    const prefix = resourcePrefix(definition);
    const known = this.caches.get(prefix) as ResourceCache<T> | undefined;
    if (known) return known;
    const cache = new ResourceCache<T>({
      definition,
      prefix,
      codec: createCodec(definition, {
        freeze: this.options.freeze,
        transformer: this.options.transformerFor?.(definition),
      }),
      windowLimits: this.options.windowLimits ?? defaultWindowLimits,
      maxLagEvents: this.options.maxLagEvents ?? 20_000,
      appliedRevision: () => this.appliedRevision,
      now: () => this.options.clock.now(),
      watcherFailed: (error) =>
        this.options.log.error({ err: error, resource: definition.names.plural }, 'a watch failed'),
    });
    this.caches.set(prefix, cache);
    if (this.stopWatch) void this.fill(cache);
    return cache;
  }

  /** Forgets a kind that is no longer served (a deleted CustomResourceDefinition): its watchers end. */
  unregister(definition: ResourceDefinition): void {
    const prefix = resourcePrefix(definition);
    const cache = this.caches.get(prefix);
    this.caches.delete(prefix);
    cache?.close(newServiceUnavailable('the resource is no longer served'));
  }

  /** Resolves true once everything up to `revision` has been applied, false after `timeoutMs`. */
  waitFor(revision: number, timeoutMs: number): Promise<boolean> {
    if (this.appliedRevision >= revision) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter = { revision, resolve: () => (cancel(), resolve(true)) };
      const cancel = this.options.clock.after(timeoutMs, () => {
        this.waiters = this.waiters.filter((other) => other !== waiter);
        resolve(false);
      });
      this.waiters.push(waiter);
    });
  }

  close(): void {
    this.closed = true;
    this.generation++;
    this.stopWatch?.();
    this.abort.abort();
    for (const cache of this.caches.values()) cache.failWatchers(newServiceUnavailable('the server is shutting down'));
  }

  /** Opens the watch at etcd's current revision and reads the state of every resource. */
  private async begin(): Promise<void> {
    const { etcd, clock, log } = this.options;
    const generation = ++this.generation;
    this.stopWatch = undefined;
    this.queue.length = 0;
    const current = await this.untilDone('read the revision of etcd', generation, async () => {
      const { revision } = await etcd.range({ start: registryRoot, countOnly: true });
      return revision;
    });
    if (current === undefined) return;
    // Set back when etcd was restored from a backup.
    this.appliedRevision = current;
    this.stopWatch = watchPrefix({
      etcd,
      clock,
      log,
      prefix: registryRoot,
      fromRevision: current + 1,
      onEvents: (events) => {
        if (generation !== this.generation) return;
        this.queue.push(events);
        this.drain();
      },
      onCompacted: () => {
        if (generation !== this.generation) return;
        log.warn({ revision: this.appliedRevision }, 'watched history was compacted; reading all state anew');
        this.generation++;
        for (const cache of this.caches.values()) cache.reset();
        void this.begin();
      },
    });
    this.wakeWaiters();
    for (const cache of this.caches.values()) void this.fill(cache);
  }

  /** Reads a resource in pages at one revision. Events in the meantime are buffered by the cache. */
  private async fill<T extends KubeObject>(cache: ResourceCache<T>): Promise<void> {
    const generation = this.generation;
    await this.untilDone(`read ${cache.definition.names.plural}`, generation, async () => {
      const { prefix, codec } = cache;
      cache.beginFill();
      const entries: StoredEntry<T>[] = [];
      const slice = new TimeSlice();
      let start = prefix;
      let revision = 0;
      for (let more = true; more;) {
        const page = await this.options.etcd.range({ start, end: endOfPrefix(prefix), limit: fillPageSize, revision });
        revision ||= page.revision;
        for (const { key, value, revision: modified } of page.kvs) {
          entries.push(codec.decode(key.slice(prefix.length), value, modified));
          await slice.breathe();
        }
        more = page.more;
        if (more) start = `${page.kvs.at(-1)!.key}\0`;
      }
      if (generation === this.generation && this.caches.get(prefix) === cache) cache.fill(entries, revision);
    });
  }

  /** Repeats until it succeeds; undefined when another generation has begun. */
  private async untilDone<R>(what: string, generation: number, run: () => Promise<R>): Promise<R | undefined> {
    for (let delayMs = minRetryMs; generation === this.generation && !this.closed;) {
      try {
        const result = await run();
        return generation === this.generation ? result : undefined;
      } catch (error) {
        if (this.closed) return undefined;
        this.options.log.warn({ err: error }, `cannot ${what}; trying again`);
        await this.options.clock.sleep(delayMs, this.abort.signal).catch(() => undefined);
        delayMs = Math.min(delayMs * 2, maxRetryMs);
      }
    }
    return undefined;
  }

  /** Applies queued events for one slice of time and hands them out together; goes on in the next turn. */
  private drain(): void {
    if (this.draining) return;
    const slice = new TimeSlice();
    const touched = new Set<ResourceCache<any>>();
    while (this.queue.length && !slice.over) {
      const events = this.queue[0]!;
      let index = 0;
      for (; index < events.length && !(index % 16 === 0 && slice.over); index++) {
        const event = events[index]!;
        const cache = this.caches.get(prefixOfKey(event.key) ?? '');
        if (cache) {
          this.applyOne(cache, event);
          touched.add(cache);
        }
        // Events of one revision come together: a revision is complete when the next one begins.
        if (events[index + 1]?.revision !== event.revision) this.appliedRevision = event.revision;
      }
      if (index === events.length) this.queue.shift();
      else this.queue[0] = events.slice(index);
    }
    for (const cache of touched) cache.flush();
    this.wakeWaiters();
    if (!this.queue.length) return;
    this.draining = true;
    setImmediate(() => {
      this.draining = false;
      this.drain();
    });
  }

  /**
   * An object that cannot be decoded must not stop other kinds. Its own is read anew until that works: from the cache it would
   * answer what is no longer so.
   */
  private applyOne(cache: ResourceCache<any>, event: EtcdEvent): void {
    try {
      cache.apply(event);
    } catch (error) {
      this.options.log.error({ err: error, key: event.key }, 'cannot apply an event; reading the kind anew');
      cache.reset();
      void this.fill(cache);
    }
  }

  private wakeWaiters(): void {
    if (!this.waiters.length) return;
    const ready = this.waiters.filter((waiter) => waiter.revision <= this.appliedRevision);
    if (!ready.length) return;
    this.waiters = this.waiters.filter((waiter) => waiter.revision > this.appliedRevision);
    for (const waiter of ready) waiter.resolve();
  }

  private tick(): void {
    this.options.clock.after(tickMs, () => {
      if (this.closed) return;
      const now = this.options.clock.now();
      for (const cache of this.caches.values()) cache.tick(now);
      this.tick();
    });
  }
}
