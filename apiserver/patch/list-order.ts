/**
 * The order of merged lists: entries that the patch orders stand as it says, the server's own keep their relative order,
 * and the two are interleaved by where they stood before (strategicpatch `normalizeElementOrder`).
 */
import { deepEqual } from '../../api/meta/json';

/** What identifies an entry: its merge key in lists of objects, itself in lists of scalars. */
const identify = (entry: unknown, mergeKey: string | undefined): unknown =>
  mergeKey === undefined ? entry : (entry as Record<string, unknown> | null)?.[mergeKey];

/** A look-up of positions, quick for the usual keys (strings and numbers). */
function positionsIn(list: readonly unknown[], mergeKey: string | undefined): (entry: unknown) => number {
  const scalars = new Map<unknown, number>();
  list.forEach((entry, index) => {
    const id = identify(entry, mergeKey);
    if (!scalars.has(id)) scalars.set(id, index);
  });
  return (entry) => scalars.get(identify(entry, mergeKey)) ?? -1;
}

/** `merged` in the order that `order` (the patch) and `server` (the list before) ask for. */
export function inOrder(
  merged: readonly unknown[],
  order: readonly unknown[],
  server: readonly unknown[],
  mergeKey: string | undefined,
): unknown[] {
  const inPatch = positionsIn(order, mergeKey);
  const onServer = positionsIn(server, mergeKey);
  const byPosition = (position: (entry: unknown) => number) => (a: unknown, b: unknown) => position(a) - position(b);
  const ordered = merged.filter((entry) => inPatch(entry) >= 0).sort(byPosition(inPatch));
  const others = merged.filter((entry) => inPatch(entry) < 0).sort(byPosition(onServer));
  const result: unknown[] = [];
  let next = 0;
  for (const entry of others) {
    const here = onServer(entry);
    // An ordered entry goes first unless the server is known to have had it later.
    const goesFirst = (candidate: unknown): boolean => here < 0 || onServer(candidate) <= here;
    while (next < ordered.length && goesFirst(ordered[next])) result.push(ordered[next++]);
    result.push(entry);
  }
  return [...result, ...ordered.slice(next)];
}

/** True if the entries that the patch changes are all named by its `$setElementOrder`, in that order. */
export function matchesSetElementOrder(
  patch: readonly unknown[],
  order: readonly unknown[],
  mergeKey: string | undefined,
): boolean {
  const isDeleted = (entry: unknown): boolean => (entry as { $patch?: unknown } | null)?.$patch === 'delete';
  let position = 0;
  for (const entry of patch) {
    if (mergeKey !== undefined && isDeleted(entry)) continue;
    while (position < order.length && !deepEqual(identify(order[position], mergeKey), identify(entry, mergeKey))) {
      position++;
    }
    if (position >= order.length) return false;
    position++;
  }
  return true;
}
