/**
 * Decides what becomes of an event: a new object, one more in the count of an old one, part of an aggregate, or nothing.
 * Pure but for its memory. Upstream: `client-go/tools/record/events_cache.go`.
 */
import type { Event } from '../api/core/v1/event';
import type { Clock } from '../component-base/clock';
import { TokenBucket } from './rate-limiter';

/** What is to be sent. `patch` names an event written before. */
export type Correlated =
  | { action: 'create'; event: Event; key: string }
  | { action: 'patch'; event: Event; key: string; name: string }
  | { action: 'drop' };

const maxEntries = 4096;
const aggregateAfter = 10;
const aggregateIntervalMs = 600_000;
const spamBurst = 25;
const spamQps = 1 / 300;

/** A map that forgets what was not used for longest. */
class LruMap<V> {
  private readonly entries = new Map<string, V>();

  get(key: string): V | undefined {
    const value = this.entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size > maxEntries) this.entries.delete(this.entries.keys().next().value as string);
  }

  delete(key: string): void {
    this.entries.delete(key);
  }
}

export class EventCorrelator {
  private readonly similar = new LruMap<{ messages: Set<string>; at: number }>();
  private readonly written = new LruMap<{ name: string; count: number; firstTimestamp: string | undefined }>();
  private readonly buckets = new LruMap<TokenBucket>();

  constructor(private readonly clock: Clock) {}

  correlate(original: Event): Correlated {
    const { event, key } = this.aggregate(original);
    const known = this.written.get(key);
    if (!this.spamBucket(event).tryAccept()) return { action: 'drop' };
    if (!known) return { action: 'create', event, key };
    return {
      action: 'patch',
      key,
      name: known.name,
      event: {
        ...event,
        count: known.count + 1,
        ...(known.firstTimestamp && { firstTimestamp: known.firstTimestamp }),
      },
    };
  }

  /** Remembers what the server now has under the key. */
  stored(key: string, event: Event): void {
    this.written.set(key, {
      name: event.metadata?.name ?? '',
      count: event.count ?? 1,
      firstTimestamp: event.firstTimestamp,
    });
  }

  /** The server no longer has it. */
  forget(key: string): void {
    this.written.delete(key);
  }

  /** Ten different messages of one kind within ten minutes: from then on they count as one event. */
  private aggregate(event: Event): { event: Event; key: string } {
    const group = JSON.stringify([sourceAndObject(event), event.type, event.reason]);
    const now = this.clock.now();
    let entry = this.similar.get(group);
    if (!entry || now - entry.at > aggregateIntervalMs) {
      entry = { messages: new Set(), at: now };
      this.similar.set(group, entry);
    }
    entry.at = now;
    entry.messages.add(event.message ?? '');
    if (entry.messages.size < aggregateAfter) {
      return { event, key: JSON.stringify([group, event.message, event.involvedObject.fieldPath]) };
    }
    entry.messages.delete(entry.messages.values().next().value as string);
    return { event: { ...event, message: `(combined from similar events): ${event.message}` }, key: group };
  }

  private spamBucket(event: Event): TokenBucket {
    const key = sourceAndObject(event);
    let bucket = this.buckets.get(key);
    if (!bucket) {
      bucket = new TokenBucket(spamQps, spamBurst, this.clock);
      this.buckets.set(key, bucket);
    }
    return bucket;
  }
}

function sourceAndObject({ source, involvedObject: object }: Event): string {
  return JSON.stringify([
    source?.component,
    source?.host,
    object.kind,
    object.namespace,
    object.name,
    object.uid,
    object.apiVersion,
  ]);
}
