/** What differs between two values of a type, as sets of fields. Upstream: structured-merge-diff `typed/compare.go`. */
import { deepEqual } from '../../../api/meta/json';
import { emptySet, type FieldSet, isEmpty, leaf } from './field-set';
import { indexItems } from './list-items';
import { fieldElement } from './path-element';
import type { ListType, MapType, TypeSchema } from './type-schema';
import { formOf, listOrEmpty, mapOrEmpty, memberOf, present } from './typed-value';

export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Of one value; what is missing is empty. Never changed once it was given away. */
type Delta = Partial<Comparison>;

/** From `before` to `after`; both are whole values, such as objects. */
export function compare(type: TypeSchema, before: unknown, after: unknown): Comparison {
  const { added = emptySet, modified = emptySet, removed = emptySet } = difference(type, before, after) ?? {};
  return { added, modified, removed };
}

function difference(type: TypeSchema, before: unknown, after: unknown): Delta | undefined {
  if (before === after) return undefined;
  if (before === undefined) return { added: whole(type, after) };
  if (after === undefined) return { removed: whole(type, before) };
  const form = formOf(type, after);
  const oldForm = before === null ? form : formOf(type, before);
  if (form.map !== oldForm.map || form.list !== oldForm.list) return changedForm(type, before, after);
  if (form.map && !form.map.atomic) return differenceOfMaps(form.map, mapOrEmpty(before), mapOrEmpty(after));
  if (form.list && form.list.relationship !== 'atomic') {
    return differenceOfLists(form.list, listOrEmpty(before), listOrEmpty(after));
  }
  return deepEqual(before, after) ? undefined : { modified: leaf };
}

/** A scalar became a map, or the like: what was in it goes, what is in it comes, and the value itself is another. */
function changedForm(type: TypeSchema, before: unknown, after: unknown): Delta {
  const [removed, added] = [childrenOf(whole(type, before)), childrenOf(whole(type, after))];
  return { modified: leaf, ...(removed && { removed }), ...(added && { added }) };
}

const childrenOf = ({ '.': _self, ...children }: FieldSet): FieldSet | undefined =>
  isEmpty(children) ? undefined : children;

/** Collects the differences of members. */
class Differences {
  private added: Record<string, FieldSet> | undefined;
  private modified: Record<string, FieldSet> | undefined;
  private removed: Record<string, FieldSet> | undefined;

  put(element: string, delta: Delta | undefined): void {
    if (!delta) return;
    if (delta.added) (this.added ??= {})[element] = delta.added;
    if (delta.modified) (this.modified ??= {})[element] = delta.modified;
    if (delta.removed) (this.removed ??= {})[element] = delta.removed;
  }

  get delta(): Delta | undefined {
    const { added, modified, removed } = this;
    return added || modified || removed
      ? { ...(added && { added }), ...(modified && { modified }), ...(removed && { removed }) }
      : undefined;
  }
}

function differenceOfMaps(
  map: MapType,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Delta | undefined {
  const differences = new Differences();
  const visit = (name: string): void => {
    const [left, right] = [before[name], after[name]];
    if (left === right && left !== undefined) return;
    const old = memberOf(map, before, name);
    differences.put(old.element, difference(old.type, old.value, memberOf(map, after, name).value));
  };
  for (const name of Object.keys(after)) visit(name);
  for (const name of Object.keys(before)) if (!Object.hasOwn(after, name)) visit(name);
  return differences.delta;
}

function differenceOfLists(list: ListType, before: readonly unknown[], after: readonly unknown[]): Delta | undefined {
  if (isSame(before, after)) return undefined;
  const differences = new Differences();
  const [old, now] = [indexItems(list, before), indexItems(list, after)];
  for (const element of new Set([...now.keys(), ...old.keys()])) {
    differences.put(element, differenceOfItems(list, old.get(element) ?? [], now.get(element) ?? []));
  }
  return differences.delta;
}

/** Entries that are there more than once count as one, whose content is not looked into. */
function differenceOfItems(list: ListType, before: readonly unknown[], after: readonly unknown[]): Delta | undefined {
  if (before.length <= 1 && after.length <= 1) return difference(list.item, before[0], after[0]);
  if (before.length === 0) return { added: leaf };
  if (after.length === 0) return { removed: leaf };
  return deepEqual(before, after) ? undefined : { modified: leaf };
}

/** Strict equality of JSON values, whatever the order of members. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    for (let index = 0; index < a.length; index++) if (!isSame(a[index], b[index])) return false;
    return true;
  }
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  let members = 0;
  for (const name in left) {
    if (!isSame(left[name], right[name])) return false;
    members++;
  }
  for (const _ in right) members--;
  return members === 0;
}

/** All of a value that is on one side only: every leaf, and every list and map that is not empty. */
function whole(type: TypeSchema, value: unknown): FieldSet {
  const { map, list } = formOf(type, value);
  if (map && !map.atomic) return wholeMap(map, mapOrEmpty(value));
  if (list && list.relationship !== 'atomic') return wholeList(list, listOrEmpty(value));
  return leaf;
}

function wholeMap(map: MapType, value: Readonly<Record<string, unknown>>): FieldSet {
  const names = Object.keys(value);
  if (names.length === 0) return leaf;
  const set: Record<string, FieldSet> = { '.': leaf };
  for (const name of names) {
    const field = map.fields.get(name);
    const type = field?.type ?? map.element ?? {};
    const child = present(type, value[name]);
    if (child !== undefined) set[field?.element ?? fieldElement(name)] = whole(type, child);
  }
  for (const name of map.presentFields) if (!Object.hasOwn(value, name)) set[fieldElement(name)] = leaf;
  return set;
}

function wholeList(list: ListType, value: readonly unknown[]): FieldSet {
  if (value.length === 0) return leaf;
  const set: Record<string, FieldSet> = { '.': leaf };
  for (const [element, items] of indexItems(list, value)) {
    set[element] = items.length > 1 ? leaf : whole(list.item, items[0]);
  }
  return set;
}
