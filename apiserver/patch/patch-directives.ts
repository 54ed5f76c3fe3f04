/** What stands for itself in a strategic merge patch and what is an instruction: the `$…` members. */
import { newBadRequest } from '../../api/meta/status-error';

export type JsonObject = Record<string, unknown>;

const prefixes = ['$retainKeys', '$deleteFromPrimitiveList', '$setElementOrder'];

export const isDirective = (key: string): boolean =>
  key === '$patch' || prefixes.some((prefix) => key.startsWith(prefix));

/** `finalizers` from `$setElementOrder/finalizers`. */
export function extractDirectiveKey(key: string, prefix: string): string {
  const parts = key.split('/');
  if (parts.length !== 2 || parts[0] !== prefix || !parts[1]) {
    throw newBadRequest(
      prefix === '$setElementOrder'
        ? 'invalid patch format of setElementOrder list'
        : 'invalid patch format of primitive list',
    );
  }
  return parts[1];
}

/** An entry that only says what happens to its list: `{ $patch: 'replace' }`. */
const isBareDirective = (item: unknown): boolean =>
  typeof item === 'object' && item !== null && '$patch' in item && Object.keys(item).length === 1;

/** A value that is new to the object, without instructions. Undefined if it asks for its own deletion. */
export function dropDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value
      .filter((item) => !isBareDirective(item))
      .map((item) => dropDirectives(item))
      .filter((item) => item !== undefined);
  }
  if (typeof value !== 'object' || value === null) return value;
  const members = value as JsonObject;
  if (members['$patch'] === 'delete') return undefined;
  const kept: JsonObject = {};
  for (const [key, member] of Object.entries(members)) {
    if (isDirective(key)) continue;
    const clean = dropDirectives(member);
    if (clean !== undefined) kept[key] = clean;
  }
  return kept;
}

/** Nulls that match nothing are ignored: they would otherwise be stored. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(entries.map(([key, member]) => [key, withoutNulls(member)]));
}
