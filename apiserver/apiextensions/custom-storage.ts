/**
 * The storage of one version of a custom resource: the one of the CustomResourceDefinition underneath holds objects as they were
 * written, in whichever version that was; here they come and go in this version, pruned and defaulted by its schema. A
 * converted object is made once and shared by all readers. Upstream gives each version an etcd codec that converts.
 */
import type { KubeObject, Stored } from '../../api/meta/types';
import { cloneJson } from '../../api/meta/json';
import type { CachedObject, Storage } from '../storage/storage';
import type { VersionConverter } from './conversion/converter';
import { convertingWatcher } from './converting-watcher';
import { createWatchSieve, type FieldReaders, splitSelection } from './converted-selection';

export interface VersionFacts {
  /** `example.com/v1`. */
  apiVersion: string;
  storageApiVersion: string;
  converter: VersionConverter;
  selectableFields: FieldReaders;
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
  const { apiVersion, storageApiVersion, converter, selectableFields, settle } = facts;
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
    const { below, matches } = splitSelection(options, selectableFields);
    const sieve = matches ? createWatchSieve(matches) : undefined;
    const watcher = convertingWatcher(await base.watch(below), { known, serveAll }, sieve);
    const end = (error: Error): void => watcher.fail(error);
    watchers.add(end);
    return { ...watcher, stop: () => (watchers.delete(end), watcher.stop()) };
  };

  return {
    get: async (key, options) => serve(await base.get(key, options)),
    async list(options) {
      const { below, matches } = splitSelection(options, selectableFields);
      const result = await base.list(below);
      const items = await serveAll(result.items);
      if (!matches) return { ...result, items };
      const { remainingItemCount: _unknown, ...rest } = result;
      return { ...rest, items: items.filter(({ object }) => matches(object)) };
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
