/** The watch of one version over a storage that holds objects in others. */
import { newInternalError } from '../../api/meta/status-error';
import type { CachedObject, StorageWatchEvent, StorageWatcher } from '../storage/storage';

/** Gives entries in the version of the watcher: `known` those that are there already, `serveAll` makes the others. */
export interface EntryConverter {
  known(entry: CachedObject): CachedObject | undefined;
  serveAll(entries: readonly CachedObject[]): Promise<CachedObject[]>;
}

/**
 * Events in their order. While a batch is being converted the watcher below waits, as for a slow client, and is cut off like one.
 */
export function convertingWatcher(
  watcher: StorageWatcher,
  { known, serveAll }: EntryConverter,
  sieve?: (event: StorageWatchEvent) => StorageWatchEvent | undefined,
): StorageWatcher & { fail(error: Error): void } {
  let sink: ((events: StorageWatchEvent[]) => boolean) | undefined;
  let ended = false;
  let failure: Error | undefined;
  let converting = false;

  const fail = (error: Error): void => {
    if (ended) return;
    ended = true;
    failure = error;
    watcher.stop();
    sink?.([{ type: 'ERROR', error }]);
  };
  /** The states that have to be converted: a sieve compares with the one before. */
  const statesOf = (event: StorageWatchEvent): CachedObject[] => {
    if (!('entry' in event)) return [];
    return sieve && event.previous ? [event.entry, event.previous] : [event.entry];
  };
  const served = (event: StorageWatchEvent): StorageWatchEvent => {
    if (!('entry' in event)) return event;
    const [entry, previous] = statesOf(event).map((state) => known(state)!);
    return { type: event.type, entry: entry!, ...(previous && { previous }) };
  };
  /** False: full. */
  const send = (events: StorageWatchEvent[]): boolean => {
    const converted = events.map(served);
    const seen = sieve ? converted.flatMap((event) => sieve(event) ?? []) : converted;
    return seen.length === 0 || sink!(seen);
  };
  const resume = (): void => {
    if (!converting && !ended) watcher.resume();
  };
  const convertLater = async (events: StorageWatchEvent[]): Promise<void> => {
    converting = true;
    try {
      await serveAll(events.flatMap(statesOf));
      converting = false;
      if (ended) return;
      if (send(events)) watcher.resume();
    } catch (error) {
      fail(error instanceof Error ? error : newInternalError(error));
    }
  };

  return {
    start(given) {
      sink = given;
      // It failed before anybody listened.
      if (failure) return void given([{ type: 'ERROR', error: failure }]);
      watcher.start((events) => {
        if (ended) return true;
        // An end must not wait for a conversion, nor come before what was sent earlier.
        const last = events.find((event) => event.type === 'ERROR');
        if (last && converting) {
          fail(last.error);
          return true;
        }
        if (events.flatMap(statesOf).every((state) => known(state))) return send(events);
        void convertLater(events);
        return false;
      });
    },
    resume,
    stop() {
      ended = true;
      watcher.stop();
    },
    fail,
  };
}
