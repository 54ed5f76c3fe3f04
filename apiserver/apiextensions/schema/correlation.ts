/**
 * Which old value a value is compared with when an update may keep what was valid once (ratcheting), and what transition
 * rules see as `oldSelf`. Upstream: apiserver `cel/common/equality.go`.
 */
import { canonicalJson, keyOf } from './list-types';
import { isJsonObject, type JsonSchema, own } from './json-schema';

/** `undefined`: nothing to compare with. */
export type Old = { readonly value: unknown } | undefined;

export function oldMember(schema: JsonSchema, old: Old, name: string): Old {
  if (!isJsonObject(old?.value) || schema['x-kubernetes-map-type'] === 'atomic') return undefined;
  const value = own(old.value, name);
  return value === undefined ? undefined : { value };
}

/** Only lists that are maps tell which item was which before. */
export function oldItems(schema: JsonSchema, old: Old): (item: unknown) => Old {
  if (!Array.isArray(old?.value) || schema['x-kubernetes-list-type'] !== 'map') return () => undefined;
  const mapKeys = schema['x-kubernetes-list-map-keys'] ?? [];
  const byKey = new Map(old.value.map((item: unknown) => [canonicalJson(keyOf(item, mapKeys)), item]));
  return (item) => {
    const key = canonicalJson(keyOf(item, mapKeys));
    return byKey.has(key) ? { value: byKey.get(key) } : undefined;
  };
}
