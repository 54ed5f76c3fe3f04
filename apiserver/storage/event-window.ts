/**
 * The latest events of one resource, in order: what watchers resume from. It keeps at least `freshMs` of events within
 * bounds, as upstream's watch cache does, so that a reconnecting client need not list again.
 */
import type { KubeObject } from '../../api/meta/types';
import type { StoredEntry } from './cached-object';

export interface CacheEvent<T extends KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly atMs: number;
  /** The new state; of DELETED the last one, with the revision of the deletion. */
  readonly entry: StoredEntry<T>;
  readonly previous?: StoredEntry<T>;
}

export interface WindowLimits {
  minEvents: number;
  maxEvents: number;
  freshMs: number;
  /** Of the objects' JSON: many or large changes would otherwise fill the memory before they age. */
  maxBytes: number;
}

export const defaultWindowLimits: WindowLimits = {
  minEvents: 1_000,
  maxEvents: 100_000,
  freshMs: 75_000,
  maxBytes: 16 * 1024 * 1024,
};

/** Positions count events since the window was made, and stay valid while old events leave. */
export class EventWindow<T extends KubeObject> {
  private events: CacheEvent<T>[] = [];
  private head = 0;
  private dropped = 0;
  private bytes = 0;

  /** Every event after `floor` is here. */
  constructor(
    private floorRevision: number,
    private readonly limits: WindowLimits,
  ) {}

  get floor(): number {
    return this.floorRevision;
  }

  /** Position of the oldest event. */
  get start(): number {
    return this.dropped + this.head;
  }

  /** Position after the newest event. */
  get end(): number {
    return this.dropped + this.events.length;
  }

  at(position: number): CacheEvent<T> {
    return this.events[position - this.dropped]!;
  }

  append(event: CacheEvent<T>): void {
    this.events.push(event);
    this.bytes += event.entry.sizeBytes;
    this.trim(event.atMs);
  }

  /** Drops what is too old by now, also when nothing happens any more, and what is too much. */
  trim(nowMs: number): void {
    const { minEvents, maxEvents, freshMs, maxBytes } = this.limits;
    for (let size = this.events.length - this.head; size > 1; size--) {
      const oldest = this.events[this.head]!;
      const wanted = size <= minEvents || (size <= maxEvents && oldest.atMs >= nowMs - freshMs);
      if (wanted && this.bytes <= maxBytes) break;
      this.floorRevision = oldest.revision;
      this.bytes -= oldest.entry.sizeBytes;
      // The array is cut only now and then: what has left must not stay alive in it.
      this.events[this.head] = undefined as never;
      this.head++;
    }
    if (this.head > 1_024 && this.head * 2 > this.events.length) {
      this.events = this.events.slice(this.head);
      this.dropped += this.head;
      this.head = 0;
    }
  }

  /** Where a watch goes on that has seen everything up to `revision`; undefined when some of it is gone. */
  positionAfter(revision: number): number | undefined {
    if (revision < this.floorRevision) return undefined;
    let low = this.head;
    let high = this.events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.events[middle]!.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.dropped + low;
  }
}
