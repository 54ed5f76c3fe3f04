/** Paths that stay below where they start. Upstream: validateLocalDescendingPath and its kin. */
import { type FieldError, type FieldPath, invalid } from '../../../../meta/field-error';

const hasBacksteps = (path: string): boolean => path.split('/').includes('..');

export const withoutBacksteps = (path: FieldPath, value: string): FieldError[] =>
  hasBacksteps(value) ? [invalid(path, value, "must not contain '..'")] : [];

export const localDescendingPath = (path: FieldPath, value: string): FieldError[] => [
  ...(value.startsWith('/') ? [invalid(path, value, 'must be a relative path')] : []),
  ...withoutBacksteps(path, value),
];

/** Also not starting with "..", which the atomic writer of volumes keeps for itself. */
export const localNonReservedPath = (path: FieldPath, value: string): FieldError[] => [
  ...localDescendingPath(path, value),
  ...(value.startsWith('..') && !hasBacksteps(value) ? [invalid(path, value, "must not start with '..'")] : []),
];

/** File modes are octal permission bits. */
export const fileMode = (path: FieldPath, mode: number | undefined): FieldError[] =>
  mode !== undefined && (mode < 0 || mode > 0o777)
    ? [invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
    : [];
