/**
 * A watch over a prefix that survives etcd: after any break it goes on at the revision after the last event, so nothing is
 * lost or seen twice. Only a compaction beyond that point ends it.
 */
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import type { Etcd } from './etcd';
import type { EtcdEvent } from './etcd-types';
import { endOfPrefix } from './keys';

export interface EtcdWatchOptions {
  etcd: Pick<Etcd, 'openWatch' | 'range'>;
  clock: Clock;
  log: Logger;
  prefix: string;
  /** The first revision wanted. */
  fromRevision: number;
  onEvents(events: EtcdEvent[]): void;
  /** History is gone, or etcd's data is older than what was seen; the watch is over and the state must be read anew. */
  onCompacted(): void;
}

const minDelayMs = 20;
const maxDelayMs = 1_000;

/** Starts the watch; the returned function ends it. */
export function watchPrefix(options: EtcdWatchOptions): () => void {
  const { etcd, clock, log, prefix } = options;
  let nextRevision = options.fromRevision;
  let delayMs = minDelayMs;
  let stopped = false;
  let closeStream: (() => void) | undefined;
  let cancelRetry: (() => void) | undefined;

  const stop = (): void => {
    stopped = true;
    closeStream?.();
    cancelRetry?.();
  };
  const compacted = (): void => {
    if (stopped) return;
    stop();
    options.onCompacted();
  };
  const retry = (error: unknown): void => {
    closeStream = undefined;
    if (stopped) return;
    log.warn({ err: error, nextRevision, delayMs }, 'etcd watch broke; resuming');
    cancelRetry = clock.after(delayMs, () => void open());
    delayMs = Math.min(delayMs * 2, maxDelayMs);
  };
  /**
   * An etcd restored from an older backup would stay silent until its revisions catch up. A member may also just be a moment
   * behind the others: what they agreed on decides.
   */
  const checkRestored = async (): Promise<void> => {
    const seen = nextRevision - 1;
    try {
      const { revision } = await etcd.range({ start: prefix, countOnly: true });
      if (revision < seen) compacted();
    } catch (error) {
      if (stopped || !closeStream) return;
      closeStream();
      retry(error);
    }
  };
  const open = async (): Promise<void> => {
    try {
      const close = await etcd.openWatch(prefix, endOfPrefix(prefix), nextRevision, {
        created(revision) {
          delayMs = minDelayMs;
          if (revision < nextRevision - 1) void checkRestored();
        },
        events(events) {
          if (stopped) return;
          nextRevision = events.at(-1)!.revision + 1;
          options.onEvents(events);
        },
        compacted,
        closed: retry,
      });
      if (stopped) close();
      else closeStream = close;
    } catch (error) {
      retry(error);
    }
  };
  void open();
  return stop;
}
