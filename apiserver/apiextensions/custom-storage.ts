/**
 * The storage of one version of a custom resource: the one of the CustomResourceDefinition underneath holds objects as they were
 * written, in whichever version that was; here they come and go in this version, pruned and defaulted by its schema. A
 * converted object is made once and shared by all readers. Upstream gives each version an etcd codec that converts.
 */
import { newInternalError } from '../../api/meta/status-error';
import type { KubeObject, Stored } from '../../api/meta/types';
import { cloneJson } from '../../api/meta/json';
import type { CachedObject, Storage, StorageWatchEvent, StorageWatcher } from '../storage/storage';
import type { VersionConverter } from './conversion/converter';

export interface VersionFacts {
  /** `example.com/v1`. */
  apiVersion: string;
  storageApiVersion: string;
  converter: VersionConverter;
  /**
   * Brings an object into the form that the schema of its own apiVersion wants (pruned, defaulted), in place. True if that changed
   * anything.
   */
  settle(object: KubeObject): boolean;
}

export interface CustomStorage extends Storage {
  /** Ends all watches: what they were opened with is no longer how the kind is served. */
  endWatches(error: Error): void;
}

export function createCustomStorage(base: Storage, facts: VersionFacts): CustomStorage {
  const { apiVersion, storageApiVersion, converter, settle } = facts;
  const made = new WeakMap<CachedObject, CachedObject>();
  const watchers = new Set<(error: Error) => void>();

  /** Settled before the conversion, by the schema it was stored in, and after it, by the one it is converted to. */
  const convertAll = async (objects: readonly KubeObject[], target: string): Promise<KubeObject[]> => {
    const copies = objects.map((object) => cloneJson(object));
    for (const copy of copies) settle(copy);
    const converted = await converter.convert(copies, target);
    for (const [index, object] of converted.entries()) if (object !== copies[index]) settle(object);
    return converted;
  };
  const convertOne = async <T extends KubeObject>(object: T, target: string): Promise<T> => {
    const [converted] = await convertAll([object], target);
    return converted as T;
  };

  /** The entries that serve as they are or were converted before; undefined for the others. */
  const known = (entry: CachedObject): CachedObject | undefined => {
    const before = made.get(entry);
    if (before || entry.object.apiVersion !== apiVersion) return before;
    const copy = cloneJson(entry.object);
    const served = settle(copy) ? convertedEntry(entry, copy) : entry;
    made.set(entry, served);
    return served;
  };
  const serveAll = async (entries: readonly CachedObject[]): Promise<CachedObject[]> => {
    const others = entries.filter((entry) => !known(entry));
    if (others.length) {
      const objects = await convertAll(
        others.map(({ object }) => object),
        apiVersion,
      );
      others.forEach((entry, index) => made.set(entry, convertedEntry(entry, objects[index] as Stored<KubeObject>)));
    }
    return entries.map((entry) => made.get(entry)!);
  };
  const serve = async (entry: CachedObject): Promise<CachedObject> => known(entry) ?? (await serveAll([entry]))[0]!;

  const watch: Storage['watch'] = async (options) => {
    const watcher = convertingWatcher(await base.watch(options), { known, serveAll });
    const end = (error: Error): void => watcher.fail(error);
    watchers.add(end);
    return { ...watcher, stop: () => (watchers.delete(end), watcher.stop()) };
  };

  return {
    get: async (key, options) => serve(await base.get(key, options)),
    async list(options) {
      const result = await base.list(options);
      return { ...result, items: await serveAll(result.items) };
    },
    watch,
    create: async (key, object, options) =>
      serve(await base.create(key, await convertOne(object, storageApiVersion), options)),
    guaranteedUpdate: async (key, update, options) =>
      serve(
        await base.guaranteedUpdate(
          key,
          async (current) => {
            const next = await update(current && (await convertOne(current, apiVersion)));
            return next && convertOne(next, storageApiVersion);
          },
          options,
        ),
      ),
    async delete(key, options = {}) {
      const { validate } = options;
      const convertAndValidate = async (current: Stored<KubeObject>): Promise<void> =>
        validate?.(await convertOne(current, apiVersion));
      return serve(await base.delete(key, { ...options, ...(validate && { validate: convertAndValidate }) }));
    },
    endWatches(error) {
      for (const end of watchers) end(error);
    },
  };
}

function convertedEntry({ key, revision }: CachedObject, object: Stored<KubeObject>): CachedObject {
  let bytes: Buffer | undefined;
  return { key, revision, object, bytes: () => (bytes ??= Buffer.from(JSON.stringify(object))) };
}

interface EntryConverter {
  known(entry: CachedObject): CachedObject | undefined;
  serveAll(entries: readonly CachedObject[]): Promise<CachedObject[]>;
}

/**
 * Events in their order. While a batch is being converted the watcher below waits, as for a slow client, and is cut off like one.
 */
function convertingWatcher(
  watcher: StorageWatcher,
  { known, serveAll }: EntryConverter,
): StorageWatcher & { fail(error: Error): void } {
  let sink: ((events: StorageWatchEvent[]) => boolean) | undefined;
  let ended = false;
  let converting = false;
  let full = false;

  const fail = (error: Error): void => {
    if (ended) return;
    ended = true;
    watcher.stop();
    sink?.([{ type: 'ERROR', error }]);
  };
  const resume = (): void => {
    full = false;
    if (!converting && !ended) watcher.resume();
  };
  const convertLater = async (events: StorageWatchEvent[]): Promise<void> => {
    converting = true;
    try {
      await serveAll(events.flatMap((event) => ('entry' in event ? [event.entry] : [])));
      converting = false;
      if (ended) return;
      full = !sink!(events.map((event) => servedEvent(event, known)));
      if (!full) watcher.resume();
    } catch (error) {
      fail(error instanceof Error ? error : newInternalError(error));
    }
  };

  return {
    start(given) {
      sink = given;
      watcher.start((events) => {
        if (ended) return true;
        // An end must not wait for a conversion, nor come before what was sent earlier.
        const failure = events.find((event) => event.type === 'ERROR');
        if (failure && converting) {
          fail(failure.error);
          return true;
        }
        if (events.every((event) => !('entry' in event) || known(event.entry))) {
          full = !given(events.map((event) => servedEvent(event, known)));
          return !full;
        }
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

const servedEvent = (event: StorageWatchEvent, known: EntryConverter['known']): StorageWatchEvent =>
  'entry' in event ? { ...event, entry: known(event.entry)! } : event;
