/** Merges an applied configuration into an object. Upstream: structured-merge-diff `typed/merge.go`. */
import { elementOrUndefined, indexItems } from './list-items';
import type { ListType, MapType, TypeSchema } from './type-schema';
import { formOf, listOrEmpty, mapOrEmpty } from './typed-value';

/** `live` with what `config` says put over it. Parts of both are shared, neither is changed. */
export function merge(type: TypeSchema, live: unknown, config: unknown): unknown {
  if (config === undefined) return live;
  if (live === undefined) return config;
  const { map, list } = formOf(type, config);
  if (map && !map.atomic) {
    const [left, right] = [mapOrEmpty(live), mapOrEmpty(config)];
    const bothEmpty = Object.keys(left).length === 0 && Object.keys(right).length === 0;
    return bothEmpty ? config : mergeMaps(map, left, right);
  }
  if (list && list.relationship !== 'atomic') {
    const [left, right] = [listOrEmpty(live), listOrEmpty(config)];
    return left.length === 0 && right.length === 0 ? config : mergeLists(list, left, right);
  }
  return config;
}

function mergeMaps(
  map: MapType,
  live: Readonly<Record<string, unknown>>,
  config: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...live };
  for (const [name, value] of Object.entries(config)) {
    const type = map.fields.get(name)?.type ?? map.element ?? {};
    merged[name] = merge(type, Object.hasOwn(live, name) ? live[name] : undefined, value);
  }
  return merged;
}

interface Entry {
  element: string;
  value: unknown;
}

const entriesOf = (list: ListType, items: readonly unknown[]): Entry[] =>
  items.flatMap((value) => {
    const element = elementOrUndefined(list, value);
    return element === undefined ? [] : [{ element, value }];
  });

/**
 * Entries that both have come in the configuration's order, with what only the object has kept in its place between them.
 * An entry that the object has more than once becomes one when it is applied.
 */
function mergeLists(list: ListType, live: readonly unknown[], config: readonly unknown[]): unknown[] {
  const [left, right] = [entriesOf(list, live), entriesOf(list, config)];
  const [inLive, inConfig] = [indexItems(list, live), indexItems(list, config)];
  const shared = right.map(({ element }) => element).filter((element) => inLive.has(element));
  const done = new Set<string>();
  const merged: unknown[] = [];
  const take = ({ element, value }: Entry): void => {
    const same = inLive.get(element) ?? [];
    merged.push(merge(list.item, same.length === 1 ? same[0] : undefined, value));
    done.add(element);
    if (shared[0] === element) shared.shift();
  };
  for (let l = 0, r = 0; l < left.length || r < right.length;) {
    const [mine, theirs] = [left[l], right[r]];
    if (mine && theirs && mine.element === theirs.element) {
      take(theirs);
      l++;
      r++;
    } else if (mine && !inConfig.has(mine.element)) {
      merged.push(mine.value);
      l++;
    } else if (mine && theirs && shared.length > 0 && shared[0] !== mine.element) {
      // It comes later in the configuration.
      l++;
    } else {
      if (mine && done.has(mine.element)) l++;
      if (theirs) {
        take(theirs);
        r++;
      }
    }
  }
  return merged;
}
