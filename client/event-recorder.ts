/** Writes Events about objects, aggregating repeats into a count and limiting bursts, as client-go's recorder does. */
import { type Event, events } from '../api/core/v1/event';
import { isAlreadyExists, isNotFound, StatusError } from '../api/meta/status-error';
import type { KubeObject } from '../api/meta/types';
import { type Clock, formatTime } from '../component-base/clock';
import type { Logger } from '../component-base/logger';
import { EventCorrelator } from './event-correlator';
import type { RestClient } from './rest-client';

export type EventType = 'Normal' | 'Warning';

export interface EventRecorder {
  /**
   * Never throws and never blocks: events are sent in the background. `regarding` needs apiVersion, kind and metadata;
   * `fieldPath` names a part, such as `spec.containers{web}`.
   */
  event(regarding: KubeObject, type: EventType, reason: string, message: string, fieldPath?: string): void;
}

export interface EventRecorderOptions {
  client: RestClient;
  clock: Clock;
  /** The source, such as `default-scheduler`; `host` for what runs on a node. */
  component: string;
  host?: string;
  log: Logger;
  /** Ends the sending; what still waits is dropped. */
  signal?: AbortSignal;
}

/** Events of one object go one after the other, those of different objects side by side. */
const lanes = 4;
/** Older events wait while the API server is away; beyond this, in each lane, new ones are dropped. */
const maxQueued = 1000;
const maxTries = 12;
const retryMs = 5000;

/** `flush` resolves once everything recorded so far was sent or given up. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder & { flush(): Promise<void> } {
  const { client, clock, component, host, log } = options;
  const correlator = new EventCorrelator(clock);
  const queues = Array.from({ length: lanes }, (): Event[] => []);
  const sending: (Promise<void> | undefined)[] = [];
  let dropped = 0;
  let sequence = 0;

  async function send(event: Event): Promise<void> {
    let correlated = correlator.correlate(event);
    for (let tries = 1; correlated.action !== 'drop'; tries++) {
      try {
        const { metadata, involvedObject, count, lastTimestamp, message } = correlated.event;
        const namespace = metadata?.namespace;
        const stored =
          correlated.action === 'patch'
            ? await client.patch(
                events,
                correlated.name,
                namespace,
                { count, lastTimestamp, message },
                { type: 'strategic' },
              )
            : await client.create(events, correlated.event);
        correlator.stored(correlated.key, { ...stored, involvedObject });
        return;
      } catch (error) {
        if (correlated.action === 'patch' && isNotFound(error)) {
          // It expired: the same event, as a new object that keeps the count.
          correlator.forget(correlated.key);
          correlated = { ...correlated, action: 'create' };
          continue;
        }
        if (isAlreadyExists(error)) return;
        if ((error instanceof StatusError && error.code < 500) || tries >= maxTries) {
          log.debug({ err: error, reason: event.reason }, 'Event was not written');
          return;
        }
        await clock.sleep(retryMs, options.signal);
      }
    }
  }

  async function drain(lane: number): Promise<void> {
    const queue = queues[lane] as Event[];
    for (let event = queue.shift(); event; event = queue.shift()) {
      if (options.signal?.aborted) continue;
      await send(event).catch((error: unknown) => log.debug({ err: error }, 'Event was not written'));
    }
    sending[lane] = undefined;
    if (dropped > 0) log.warn({ dropped }, 'Dropped events: too many were waiting');
    dropped = 0;
  }

  return {
    event(regarding, type, reason, message, fieldPath) {
      const lane = laneOf(regarding.metadata?.uid ?? '');
      const queue = queues[lane] as Event[];
      if (queue.length >= maxQueued) {
        dropped += 1;
        return;
      }
      const { name = '', namespace, uid, resourceVersion } = regarding.metadata ?? {};
      const now = clock.now();
      // Nanoseconds in upstream; the sequence keeps names of one millisecond apart.
      sequence = (sequence + 1) % 1_000_000;
      const stamp = (BigInt(Math.trunc(now)) * 1_000_000n + BigInt(sequence)).toString(16);
      queue.push({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: `${name}.${stamp}`, namespace: namespace ?? 'default' },
        involvedObject: {
          kind: regarding.kind ?? '',
          apiVersion: regarding.apiVersion ?? '',
          name,
          ...(namespace && { namespace }),
          ...(uid && { uid }),
          ...(resourceVersion && { resourceVersion }),
          ...(fieldPath && { fieldPath }),
        },
        reason,
        message,
        type,
        count: 1,
        firstTimestamp: formatTime(now),
        lastTimestamp: formatTime(now),
        source: { component, ...(host && { host }) },
        reportingComponent: component,
        reportingInstance: host ?? '',
      });
      sending[lane] ??= drain(lane);
    },
    flush: async () => void (await Promise.all(sending)),
  };
}

/** Any fixed spread of UIDs over the lanes will do. */
function laneOf(uid: string): number {
  let sum = 0;
  for (let i = 0; i < uid.length; i++) sum += uid.charCodeAt(i);
  return sum % lanes;
}
