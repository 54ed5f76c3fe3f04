/** What StorageClasses and VolumeAttributesClasses share: a driver and parameters for it. Upstream: `pkg/apis/storage/validation`. */
import { at } from '../../meta/field-checks';
import { type FieldError, type FieldPath, forbidden, invalid, required, tooLong } from '../../meta/field-error';
import { deepEqual } from '../../meta/json';
import { isQualifiedName } from '../../meta/names';

const maxParameters = 512;
const maxParameterBytes = 256 * 1024;

export function validateProvisioner(name: string | undefined, path: FieldPath): FieldError[] {
  if (!name) return [required(path)];
  const lowered = name.toLowerCase();
  return isQualifiedName(lowered).map((message) => invalid(path, lowered, message));
}

export function validateParameters(parameters: Record<string, string>, path: FieldPath): FieldError[] {
  const entries = Object.entries(parameters);
  if (entries.length > maxParameters) return [tooLong(path, '', maxParameters)];
  const errors = entries.some(([key]) => key === '') ? [invalid(path, '', 'field can not be empty.')] : [];
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return bytes > maxParameterBytes ? [...errors, tooLong(path, '', maxParameterBytes)] : errors;
}

/** Fields of a class that are part of what it is. */
export const forbidChanges = <T>(now: T, old: T, fields: readonly (keyof T & string)[]): FieldError[] =>
  fields
    .filter((field) => !deepEqual(now[field] ?? null, old[field] ?? null))
    .map((field) => forbidden(at(field), `updates to ${field} are forbidden.`));
