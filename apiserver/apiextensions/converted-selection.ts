/**
 * Field selectors on what only converted objects show: storage below selects by the rest, and what comes from there is sifted once
 * more. An object may enter or leave a selection while it is watched.
 */
import type { FieldSelector } from '../../api/meta/selectors';
import type { KubeObject } from '../../api/meta/types';
import type { CachedObject, SelectionPredicate, StorageWatchEvent } from '../storage/storage';

/** The values of a kind's own selectable fields. */
export type FieldReaders = Readonly<Record<string, (object: any) => string>>;

type Matches = (object: KubeObject) => boolean;

/** `below` is for storage; `matches` is undefined where that says it all. */
export function splitSelection<O extends SelectionPredicate>(
  options: O,
  readers: FieldReaders,
): { below: O; matches?: Matches } {
  const own = options.fields?.requirements.filter(({ field }) => Object.hasOwn(readers, field)) ?? [];
  if (!own.length) return { below: options };
  const rest = options.fields!.requirements.filter((requirement) => !own.includes(requirement));
  const { fields: _fields, ...others } = options;
  return {
    below: { ...others, ...(rest.length && { fields: selectorOf(rest) }) } as O,
    matches: (object) => selectorOf(own).matches((field) => readers[field]!(object)),
  };
}

const selectorOf = (requirements: FieldSelector['requirements']): FieldSelector => ({
  requirements,
  matches: (get) => requirements.every(({ field, operator, value }) => (get(field) === value) === (operator === '=')),
});

/** Gives an event as a watcher with this selection sees it, if it does. The states of the event are converted. */
export const createWatchSieve =
  (matches: Matches) =>
  (event: StorageWatchEvent): StorageWatchEvent | undefined => {
    if (!('entry' in event)) return event;
    const { type, entry, previous } = event;
    const now = matches(entry.object);
    if (type !== 'MODIFIED' || !previous) return now ? event : undefined;
    const before = matches(previous.object);
    if (now) return before ? event : { type: 'ADDED', entry };
    return before ? { type: 'DELETED', entry: lastState(previous, entry) } : undefined;
  };

/** The state that was selected, at the revision at which it no longer was. */
function lastState({ key, object }: CachedObject, { revision }: CachedObject): CachedObject {
  const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
  return { key, revision, object: last, bytes: () => Buffer.from(JSON.stringify(last)) };
}
