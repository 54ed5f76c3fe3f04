/**
 * Sets of field paths, in the very form in which `fieldsV1` holds them: a trie whose keys are path elements (`f:spec`,
 * `k:{"name":"web"}`, `v:"x"`, `i:0`). An empty child is a member; a member with members below it has `.` beside them. Sets
 * are immutable and share their parts, and an operation that changes nothing gives the set it was given.
 * Upstream: structured-merge-diff `fieldpath/set.go`.
 */

export interface FieldSet {
  readonly [element: string]: FieldSet;
}

type Nodes = Record<string, FieldSet>;

/** A member without members below it; at the top, the empty set. */
export const leaf: FieldSet = Object.freeze({});
export const emptySet: FieldSet = leaf;

const self = '.';

export function isEmpty(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** True if the path that led to this child is itself in the set. */
export const isMember = (child: FieldSet | undefined): boolean =>
  child !== undefined && (child[self] !== undefined || isEmpty(child));

/** The child made a member, with what is below it. */
export function asMember(child: FieldSet): FieldSet {
  return isMember(child) ? child : { [self]: leaf, ...child };
}

export function hasPath(set: FieldSet, path: readonly string[]): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path) node = node?.[element];
  return path.length > 0 && isMember(node);
}

/** The set of one path. */
export const setOf = (path: readonly string[]): FieldSet =>
  path.reduceRight<FieldSet>((child, element) => ({ [element]: child }), leaf);

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmpty(b)) return a;
  if (isEmpty(a)) return b;
  return unite(a, b);
}

/** `a` and `b` are not both tops: two empty children are one member. */
function unite(a: FieldSet, b: FieldSet): FieldSet {
  let united: Nodes | undefined;
  for (const element in b) {
    if (element === self) continue;
    const [left, right] = [a[element], b[element]!];
    const both = left === undefined ? right : uniteChildren(left, right);
    if (both !== left) (united ??= { ...a })[element] = both;
  }
  if (b[self] && !a[self]) united = { [self]: leaf, ...(united ?? a) };
  return united ?? a;
}

function uniteChildren(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  if (isEmpty(b)) return asMember(a);
  if (isEmpty(a)) return asMember(b);
  return unite(a, b);
}

/** What is in `a` and not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(a) || isEmpty(b)) return a;
  return subtract(a, b) ?? emptySet;
}

/** Undefined: nothing is left. `a` and `b` stand for children, or for tops that are not empty. */
function subtract(a: FieldSet, b: FieldSet): FieldSet | undefined {
  if (isEmpty(a)) return isMember(b) ? undefined : a;
  if (isEmpty(b)) return withoutSelf(a);
  let rest: Nodes | undefined;
  for (const element in b) {
    const child = a[element];
    if (child === undefined) continue;
    const kept = element === self ? undefined : subtract(child, b[element]!);
    if (kept === child) continue;
    rest ??= { ...a };
    if (kept === undefined) delete rest[element];
    else rest[element] = kept;
  }
  return rest === undefined ? a : normalized(rest);
}

/** What is left of a child: undefined if nothing is, a leaf if only the member itself is. */
function normalized(rest: FieldSet): FieldSet | undefined {
  for (const element in rest) if (element !== self) return rest;
  return rest[self] ? leaf : undefined;
}

function withoutSelf(set: FieldSet): FieldSet {
  if (!set[self]) return set;
  const { [self]: _self, ...rest } = set;
  return rest;
}

/** What is in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(a) || isEmpty(b)) return emptySet;
  return intersect(a, b) ?? emptySet;
}

function intersect(a: FieldSet, b: FieldSet): FieldSet | undefined {
  if (a === b) return a;
  let common: Nodes | undefined;
  if (isMember(a) && isMember(b)) common = {};
  const member = common !== undefined;
  for (const element in a) {
    if (element === self || b[element] === undefined) continue;
    const child = intersect(a[element]!, b[element]);
    if (child) (common ??= {})[element] = child;
  }
  return member && !isEmpty(common!) ? { [self]: leaf, ...common } : common;
}

/** What is in `a` and neither in `b` nor below a member of `b`. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  return subtractAll(a, b) ?? emptySet;
}

function subtractAll(a: FieldSet, b: FieldSet): FieldSet | undefined {
  let rest: Nodes | undefined;
  for (const element in b) {
    const child = a[element];
    if (child === undefined || element === self) continue;
    const kept = isMember(b[element]) ? undefined : subtractAll(child, b[element]!);
    if (kept === child) continue;
    rest ??= { ...a };
    if (kept === undefined) delete rest[element];
    else rest[element] = kept;
  }
  return rest === undefined ? a : normalized(rest);
}

/** Calls `visit` with every path of the set: members of a level before what is below them. */
export function forEachPath(set: FieldSet, visit: (path: string[]) => void, path: string[] = []): void {
  const elements = Object.keys(set)
    .filter((element) => element !== self)
    .sort();
  for (const element of elements) if (isMember(set[element])) visit([...path, element]);
  for (const element of elements) forEachPath(set[element]!, visit, [...path, element]);
}

export function sameSet(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  const [left, right] = [Object.keys(a), Object.keys(b)];
  return left.length === right.length && left.every((element) => b[element] && sameSet(a[element]!, b[element]));
}
