/** What ConfigMaps and Secrets share: the size limit, and data that is fixed once it is declared immutable. */
import { at } from '../../meta/field-checks';
import { type FieldError, forbidden } from '../../meta/field-error';
import { deepEqual } from '../../meta/json';

/** 1 MiB for all values together. */
export const maxDataBytes = 1024 * 1024;

/** How many bytes base64 text stands for. */
export const base64Length = (text: string): number => Math.floor((text.replace(/=+$/, '').length * 3) / 4);

export function validateImmutable<T extends { immutable?: boolean }>(
  object: T,
  old: T,
  fields: (keyof T & string)[],
): FieldError[] {
  if (!old.immutable) return [];
  const detail = 'field is immutable when `immutable` is set';
  const errors = object.immutable ? [] : [forbidden(at('immutable'), detail)];
  for (const field of fields) {
    if (!deepEqual(object[field] ?? {}, old[field] ?? {})) errors.push(forbidden(at(field), detail));
  }
  return errors;
}
