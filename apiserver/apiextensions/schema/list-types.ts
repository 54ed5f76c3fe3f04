/** That lists declared as sets and maps hold nothing twice. Upstream: apiextensions-apiserver `schema/listtype`. */
import { duplicate, type FieldError, invalid } from '../../../api/meta/field-error';
import { isJsonObject, type JsonSchema, memberOf, own } from './json-schema';
import { indexPath, memberPath } from './value-path';

export function validateListTypes(value: unknown, schema: JsonSchema | undefined, path = ''): FieldError[] {
  if (!schema) return [];
  if (Array.isArray(value)) {
    return [
      ...validateList(value, schema, path),
      ...value.flatMap((item, index) => validateListTypes(item, schema.items, indexPath(path, index))),
    ];
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    validateListTypes(member, memberOf(schema, name), memberPath(schema, path, name)),
  );
}

function validateList(list: unknown[], schema: JsonSchema, path: string): FieldError[] {
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return repeatedAt(list).map((index) => duplicate(indexPath(path, index), list[index]));
    case 'map':
      return validateListMap(list, schema['x-kubernetes-list-map-keys'] ?? [], path);
    default:
      return [];
  }
}

function validateListMap(list: unknown[], mapKeys: string[], path: string): FieldError[] {
  const odd = list.findIndex((item) => item !== null && !isJsonObject(item));
  if (odd >= 0) {
    return [invalid(indexPath(path, odd), list[odd], 'must be an object for an array of list-type map')];
  }
  const keys = list.map((item) => keyOf(item, mapKeys));
  return repeatedAt(keys).map((index) => duplicate(indexPath(path, index), keys[index]));
}

/** The members that tell the items of a map apart; a missing one is not the same as null. */
export const keyOf = (item: unknown, mapKeys: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(
    mapKeys.flatMap((name) => {
      const value = isJsonObject(item) ? own(item, name) : undefined;
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** Where each repeated item stands for the second time. */
function repeatedAt(items: readonly unknown[]): number[] {
  const seen = new Map<string, number>();
  return items.flatMap((item, index) => {
    const text = canonicalJson(item);
    const times = (seen.get(text) ?? 0) + 1;
    seen.set(text, times);
    return times === 2 ? [index] : [];
  });
}

/** JSON with members in order of their names: equal values give equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    isJsonObject(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member,
  );
}
