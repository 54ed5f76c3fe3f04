/** The path elements of list entries: by which an entry is known when lists merge. Upstream: `typed/helpers.go`. */
import { keyElement, valueElement } from './path-element';
import type { ListType } from './type-schema';

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The element of one entry of a set or map list. Throws if the entry has none. */
export function itemElement(list: ListType, item: unknown): string {
  if (list.relationship === 'set') {
    if (item === null) throw new Error("associative list without keys has an element that's an explicit null");
    if (Array.isArray(item)) throw new Error('not supported: associative list with lists as elements');
    if (typeof item === 'object') throw new Error("associative list without keys has an element that's a map type");
    return valueElement(item);
  }
  if (item === null) throw new Error('associative list with keys may not have a null element');
  if (!isObject(item)) throw new Error('associative list with keys may not have non-map elements');
  return keyElement(
    list.keys.map(({ name, default: fallback }) => {
      const value = Object.hasOwn(item, name) ? item[name] : fallback;
      if (value === undefined) {
        throw new Error(
          `associative list with keys has an element that omits key field ${JSON.stringify(name)} (and doesn't have default value)`,
        );
      }
      return [name, value] as const;
    }),
  );
}

/**
 * Entries by their elements, in order. Stored lists may hold entries twice, where validation lets them; entries without an
 * element are left out.
 */
export function indexItems(list: ListType, items: readonly unknown[]): Map<string, unknown[]> {
  const index = new Map<string, unknown[]>();
  for (const item of items) {
    const element = elementOrUndefined(list, item);
    if (element === undefined) continue;
    const same = index.get(element);
    if (same) same.push(item);
    else index.set(element, [item]);
  }
  return index;
}

export function elementOrUndefined(list: ListType, item: unknown): string | undefined {
  try {
    return itemElement(list, item);
  } catch {
    return undefined;
  }
}
