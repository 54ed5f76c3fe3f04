/** Checks that the validation of many kinds shares, each giving field errors in upstream's words. */
import { type FieldError, FieldPath, immutable, invalid, notSupported, required } from './field-error';
import { deepEqual } from './json';
import { isDns1123Subdomain, isValidIp, isValidPortName, isValidPortNum, regexError } from './names';
import type { IntOrString } from './types';

/** One error for every message of a syntax check. */
export const invalidEach = (path: FieldPath, value: unknown, messages: string[]): FieldError[] =>
  messages.map((message) => invalid(path, value, message));

/** Required when empty, else checked by `check`. */
export const requiredAnd = (
  path: FieldPath,
  value: string | undefined,
  check: (value: string) => string[] = () => [],
): FieldError[] => (value ? invalidEach(path, value, check(value)) : [required(path)]);

export const nonNegative = (path: FieldPath, value: number | undefined): FieldError[] =>
  value !== undefined && value < 0 ? [invalid(path, value, 'must be greater than or equal to 0')] : [];

/** Required when empty, else one of `supported`. */
export function oneOf(path: FieldPath, value: string | undefined, supported: readonly string[]): FieldError[] {
  if (!value) return [required(path)];
  return supported.includes(value) ? [] : [notSupported(path, value, supported)];
}

/** One of `supported`, or absent. */
export const optionalOneOf = (
  path: FieldPath,
  value: string | undefined,
  supported: readonly string[],
): FieldError[] => (value === undefined || supported.includes(value) ? [] : [notSupported(path, value, supported)]);

export const portNumOrName = (path: FieldPath, port: IntOrString | undefined): FieldError[] =>
  typeof port === 'string'
    ? invalidEach(path, port, isValidPortName(port))
    : invalidEach(path, port ?? 0, isValidPortNum(port ?? 0));

export const validIp = (path: FieldPath, value: string | undefined): FieldError[] =>
  invalidEach(path, value ?? '', isValidIp(value ?? ''));

/** `field is immutable` when both differ; missing and empty objects count as the same only if both are missing. */
export const unchanged = (path: FieldPath, value: unknown, old: unknown): FieldError[] =>
  deepEqual(value ?? null, old ?? null) ? [] : [immutable(path, value)];

const httpPath = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

/** `acme.io/foo`: who manages or signs something. */
export function domainPrefixedPath(path: FieldPath, value: string): FieldError[] {
  if (!value) return [required(path)];
  const slash = value.indexOf('/');
  if (slash <= 0 || slash === value.length - 1) {
    return [invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  const host = value.slice(0, slash);
  const rest = value.slice(slash + 1);
  const errors = invalidEach(path, host, isDns1123Subdomain(host));
  if (new RegExp(`^${httpPath}$`).test(rest)) return errors;
  return [...errors, invalid(path, rest, regexError('Invalid path', httpPath))];
}

export const supportedProtocols: readonly string[] = ['TCP', 'UDP', 'SCTP'];

/** Positions of the values that were there before: lists of clients are long, so nothing is searched in them. */
export function repeatedAt(values: readonly unknown[]): ReadonlySet<number> {
  const seen = new Set<unknown>();
  const repeated = new Set<number>();
  for (const [index, value] of values.entries()) {
    if (seen.has(value)) repeated.add(index);
    seen.add(value);
  }
  return repeated;
}

/** The path of a top-level field; `metadata`, `spec`, `status` and `data` are what validation starts from. */
export const at = (...names: string[]): FieldPath => FieldPath.of(...names);
