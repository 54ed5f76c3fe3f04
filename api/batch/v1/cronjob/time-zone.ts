/** Names of time zones, as the IANA database has them. Upstream: validateTimeZone in `pkg/apis/batch/validation`. */
import { type FieldError, type FieldPath, invalid } from '../../../meta/field-error';

const zonePart = /^[A-Za-z.\-_0-9+]{1,14}$/;

/** The engine takes names in any case; the database, whose names are file names, does not. */
function isKnownZone(name: string): boolean {
  const lower = name.toLowerCase();
  const canonical = Intl.supportedValuesOf('timeZone').find((zone) => zone.toLowerCase() === lower);
  if (canonical !== undefined) return canonical === name;
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

export function validateTimeZone(name: string | undefined, path: FieldPath): FieldError[] {
  if (name === undefined) return [];
  if (name === '') return [invalid(path, name, 'timeZone must be nil or non-empty string')];
  const unknown = invalid(path, name, `unknown time zone ${name}`);
  const isPart = (part: string): boolean =>
    part !== '.' && part !== '..' && !part.startsWith('-') && zonePart.test(part);
  if (!name.split('/').every(isPart)) return [unknown];
  if (name.toLowerCase() === 'local') {
    const detail = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
    return [invalid(path, name, detail)];
  }
  return isKnownZone(name) ? [] : [unknown];
}
