/**
 * One watch of one client. A watcher that keeps up gets each tick's events as they happen; one whose receiver is full holds
 * nothing but its position in the event window, and reads on from there when it resumes. One that falls too far behind is
 * cut off with 410.
 */
import type { KubeObject } from '../../api/meta/types';
import type { CacheEvent, EventWindow } from './event-window';
import type { StoredEntry } from './cached-object';
import type { Selection } from './selection';
import type { StorageWatcher, StorageWatchEvent } from './storage';
import { newWatchExpired } from './storage-errors';
import { TimeSlice } from './time-slice';

/** What a watcher needs of its cache. */
export interface WatcherHost<T extends KubeObject> {
  readonly window: EventWindow<T>;
  eventsSent: number;
  /** Everything up to here has been applied. */
  readonly revision: number;
  /** Shares one event object among all watchers that see it the same way. */
  outgoing(event: CacheEvent<T>, type: 'ADDED' | 'MODIFIED' | 'DELETED'): StorageWatchEvent<T>;
  /** The watcher now gets events by `offer`; before, it reads the window. */
  goLive(watcher: CacheWatcher<T>): void;
  goLagging(watcher: CacheWatcher<T>): void;
  remove(watcher: CacheWatcher<T>): void;
  /** Its receiver threw. */
  watcherFailed(error: unknown): void;
}

export interface WatcherOptions<T extends KubeObject> {
  selection: Selection<T>;
  /** State to begin with, as ADDED events; the selection has yet to be applied. */
  initial: StoredEntry<T>[];
  /** Ends the initial state with a bookmark that says so. */
  announceInitialEnd: boolean;
  /** Where in the window the events after the state begin. */
  position: number;
  /** Events up to this revision are known to the client already, or are in the state. */
  afterRevision: number;
  /** When bookmarks are due; undefined: the client wants none. */
  bookmarks?: { next(now: number): number; now: number };
}

/** At most so much is handed over at once: more would only wait in the socket, of every watcher that lags. */
const chunkEvents = 500;
const chunkBytes = 64 * 1024;

export class CacheWatcher<T extends KubeObject> implements StorageWatcher<T> {
  readonly selection: Selection<T>;
  private sink?: (events: StorageWatchEvent<T>[]) => boolean;
  private initial: StoredEntry<T>[];
  private sent = 0;
  private announceInitialEnd: boolean;
  private positionInWindow: number;
  private readonly afterRevision: number;
  private readonly bookmarks: WatcherOptions<T>['bookmarks'];
  private bookmarkAt: number;
  private batch: StorageWatchEvent<T>[] = [];
  private live = false;
  private paused = false;
  private pumping = false;
  private closed = false;
  private failure?: Error;

  constructor(
    private readonly host: WatcherHost<T>,
    options: WatcherOptions<T>,
  ) {
    this.selection = options.selection;
    this.initial = options.initial;
    this.announceInitialEnd = options.announceInitialEnd;
    this.positionInWindow = options.position;
    this.afterRevision = options.afterRevision;
    this.bookmarks = options.bookmarks;
    this.bookmarkAt = options.bookmarks ? options.bookmarks.next(options.bookmarks.now) : Infinity;
  }

  /** Where a watcher that lags reads on. */
  get position(): number {
    return this.positionInWindow;
  }

  start(sink: (events: StorageWatchEvent<T>[]) => boolean): void {
    this.sink = sink;
    // It may have failed before anybody listened.
    if (this.failure) this.tell(this.failure);
    else this.pump();
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.pump();
  }

  stop(): void {
    if (this.closed) return;
    this.closed = true;
    this.initial = [];
    this.batch = [];
    this.host.remove(this);
  }

  /** An event for a live watcher; it goes out with the tick's others. True if the watcher wants it. */
  offer(event: CacheEvent<T>): boolean {
    const outgoing = this.seen(event);
    if (!outgoing) return false;
    this.batch.push(outgoing);
    return true;
  }

  /** Hands over what was offered since the last time. The window must hold nothing that was not offered. */
  flush(): void {
    const events = this.batch;
    if (this.closed || !events.length) return;
    this.batch = [];
    this.send(events);
  }

  /** Sends a bookmark when one is due and everything before it was sent. */
  bookmark(now: number): void {
    if (now < this.bookmarkAt || !this.live || this.closed) return;
    this.bookmarkAt = this.bookmarks!.next(now);
    this.send([{ type: 'BOOKMARK', revision: this.host.revision }]);
  }

  /** Ends the watch with an error, whatever the receiver's buffer says. */
  fail(error: Error): void {
    if (this.closed) return;
    this.stop();
    this.failure = error;
    this.tell(error);
  }

  private tell(error: Error): void {
    try {
      this.sink?.([{ type: 'ERROR', error }]);
    } catch (cause) {
      this.host.watcherFailed(cause);
    }
  }

  /** False: the receiver is full. One that throws loses its watch; nobody else is to suffer. */
  private handOver(events: StorageWatchEvent<T>[]): boolean {
    try {
      return this.sink!(events);
    } catch (error) {
      this.host.watcherFailed(error);
      this.fail(error as Error);
      return false;
    }
  }

  private send(events: StorageWatchEvent<T>[]): void {
    this.host.eventsSent += events.length;
    if (this.handOver(events) || this.closed) return;
    this.paused = true;
    if (!this.live) return;
    this.live = false;
    this.positionInWindow = this.host.window.end;
    this.host.goLagging(this);
  }

  /** Reads state and window until it has caught up, the receiver is full, or its slice of time is over. */
  private pump(): void {
    if (this.pumping) return;
    this.pumping = true;
    const slice = new TimeSlice();
    try {
      while (!this.closed && !this.paused && !this.live) {
        const chunk = this.nextChunk();
        if (chunk.length) this.send(chunk);
        if (!this.live && slice.over) {
          setImmediate(() => this.pump());
          return;
        }
      }
    } finally {
      this.pumping = false;
    }
  }

  private nextChunk(): StorageWatchEvent<T>[] {
    if (this.sent < this.initial.length) return this.nextOfState();
    if (this.announceInitialEnd) {
      this.announceInitialEnd = false;
      return [{ type: 'BOOKMARK', revision: this.afterRevision, initialEventsEnd: true }];
    }
    const { window } = this.host;
    if (this.positionInWindow < window.start) {
      this.fail(newWatchExpired(this.afterRevision, window.floor));
      return [];
    }
    const until = Math.min(this.positionInWindow + chunkEvents, window.end);
    const events: StorageWatchEvent<T>[] = [];
    for (let bytes = 0; this.positionInWindow < until && bytes < chunkBytes; this.positionInWindow++) {
      const event = window.at(this.positionInWindow);
      const outgoing = this.seen(event);
      if (!outgoing) continue;
      events.push(outgoing);
      bytes += event.entry.sizeBytes;
    }
    if (this.positionInWindow === window.end) {
      this.live = true;
      this.host.goLive(this);
    }
    return events;
  }

  private nextOfState(): StorageWatchEvent<T>[] {
    const until = Math.min(this.sent + chunkEvents, this.initial.length);
    const events: StorageWatchEvent<T>[] = [];
    for (let bytes = 0; this.sent < until && bytes < chunkBytes; this.sent++) {
      const entry = this.initial[this.sent]!;
      if (!this.selection.matches(entry)) continue;
      events.push({ type: 'ADDED', entry });
      bytes += entry.sizeBytes;
    }
    if (this.sent === this.initial.length) this.initial = [];
    return events;
  }

  /** The event as this watcher sees it: an object may enter or leave its selection. */
  private seen(event: CacheEvent<T>): StorageWatchEvent<T> | undefined {
    if (event.revision <= this.afterRevision) return undefined;
    const isIn = event.type !== 'DELETED' && this.selection.matches(event.entry);
    const wasIn = event.previous !== undefined && this.selection.matches(event.previous);
    if (isIn) return this.host.outgoing(event, wasIn ? 'MODIFIED' : 'ADDED');
    return wasIn ? this.host.outgoing(event, 'DELETED') : undefined;
  }
}
