/** The fields that a value sets. Upstream: structured-merge-diff `typed/tofieldset.go`. */
import { asMember, emptySet, type FieldSet, isEmpty, leaf } from './field-set';
import { indexItems } from './list-items';
import { fieldElement, isFieldElement, nameOfElement } from './path-element';
import type { TypeSchema } from './type-schema';
import { formOf, listOrEmpty, mapOrEmpty } from './typed-value';

/** What an applier owns by applying `value`: leaves, entries of lists, and members of maps that are no fields. */
export function toFieldSet(type: TypeSchema, value: unknown): FieldSet {
  return below(type, value) ?? emptySet;
}

/** Undefined: nothing; a leaf: the value itself; else what is below it. */
function below(type: TypeSchema, value: unknown): FieldSet | undefined {
  const { map, list } = formOf(type, value);
  if (map && !map.atomic) {
    const set: Record<string, FieldSet> = {};
    for (const [name, member] of Object.entries(mapOrEmpty(value))) {
      if (member === undefined) continue;
      const field = map.fields.get(name);
      const child = below(field?.type ?? map.element ?? {}, member);
      const isLeaf = member === null || isEmptyObject(member);
      if (isLeaf || !field) set[fieldElement(name)] = asMember(child ?? leaf);
      else if (child) set[fieldElement(name)] = child;
    }
    return isEmpty(set) ? undefined : set;
  }
  if (list && list.relationship !== 'atomic') {
    const set: Record<string, FieldSet> = {};
    for (const [element, items] of indexItems(list, listOrEmpty(value))) {
      // Entries that are there twice are owned as one, without what is in them.
      set[element] = items.length > 1 ? leaf : asMember(below(list.item, items[0]) ?? leaf);
    }
    return isEmpty(set) ? undefined : set;
  }
  return leaf;
}

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;

/**
 * The set as it is since the schema changed: who had parts of what is atomic now has the whole. Upstream:
 * `typed/reconcile_schema.go`.
 */
export function withAtomicsWhole(type: TypeSchema, set: FieldSet): FieldSet {
  // Where the schema says nothing, what was owned in parts may stay so.
  if (type.scalar) return set;
  if (type.map?.atomic || type.list?.relationship === 'atomic') return leaf;
  let changed: Record<string, FieldSet> | undefined;
  for (const [element, child] of Object.entries(set)) {
    if (isEmpty(child)) continue;
    const name = isFieldElement(element) ? nameOfElement(element) : undefined;
    const childType = name === undefined ? type.list?.item : (type.map?.fields.get(name)?.type ?? type.map?.element);
    const whole = childType ? withAtomicsWhole(childType, child) : child;
    if (whole !== child) (changed ??= { ...set })[element] = whole;
  }
  return changed ?? set;
}

/** Fields of structs are members where anything below them is: `spec` with `spec.replicas`. */
export function withNamedFields(type: TypeSchema, set: FieldSet): FieldSet {
  const named: Record<string, FieldSet> = {};
  for (const [element, child] of Object.entries(set)) {
    const name = isFieldElement(element) ? nameOfElement(element) : undefined;
    const field = name === undefined ? undefined : type.map?.fields.get(name);
    const childType = name === undefined ? type.list?.item : (field?.type ?? type.map?.element);
    const full = isEmpty(child) ? child : withNamedFields(childType ?? {}, child);
    named[element] = field ? asMember(full) : full;
  }
  return named;
}
