/** Copying and comparing JSON values: cached objects are read-only, so whoever edits copies first. */

/**
 * A JSON object that nobody edits: copies share it. Managed fields are most of what many objects hold, and change only as a
 * whole.
 */
export class SharedJson {
  readonly [member: string]: unknown;

  constructor(members: object) {
    Object.assign(this, members);
  }
}

/** A deep copy, of all but shared parts. Members that are undefined are left out. */
export function cloneJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => cloneJson(item)) as T;
  if (value instanceof SharedJson) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    // A plain assignment to `__proto__` would set the prototype instead of a member.
    if (key === '__proto__') Object.defineProperty(copy, key, { value: cloneJson(member), enumerable: true });
    else copy[key] = cloneJson(member);
  }
  return copy as T;
}

const isMissing = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

/**
 * Semantic equality, as upstream's `equality.Semantic.DeepEqual`: undefined, null, a missing member and an empty list are
 * the same. An empty object is not: `emptyDir: {}` says something.
 */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isMissing(a) || isMissing(b)) return isMissing(a) && isMissing(b);
  if (typeof a !== 'object' || typeof b !== 'object') return Number.isNaN(a) && Number.isNaN(b);
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => deepEqual(item, b[index]));
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key of Object.keys(left)) if (!deepEqual(left[key], right[key])) return false;
  for (const key of Object.keys(right)) if (!isMissing(right[key]) && !Object.hasOwn(left, key)) return false;
  return true;
}
