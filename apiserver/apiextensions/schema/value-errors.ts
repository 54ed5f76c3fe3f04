/** What is wrong with a value, in the words and with the field error types that upstream makes of kube-openapi's results. */
import {
  type FieldError,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from '../../../api/meta/field-error';

/** A path of the whole object prints as Go prints a nil path. */
const pathOrRoot = (path: string): string => path || '<nil>';
const nameOf = (path: string): string => `${path} in body`;

/** `detail` without the path in front: `should be at least 2 chars long`. */
export const badValue = (path: string, value: unknown, detail: string): FieldError =>
  invalid(pathOrRoot(path), value, `${nameOf(path)} ${detail}`);

/** `found` is a type's name or, for formats, the text itself. */
export const wrongType = (path: string, expected: string, found: string): FieldError =>
  typeInvalid(pathOrRoot(path), found, `${nameOf(path)} must be of type ${expected}: ${JSON.stringify(found)}`);

/** Errors that belong to no field in particular name it in their text. */
export const general = (text: string): FieldError => invalid('<nil>', '', text);

export const missing = (path: string): FieldError => required(path);
export const notInEnum = (path: string, value: unknown, values: readonly unknown[]): FieldError =>
  notSupported(
    pathOrRoot(path),
    value,
    values.map((allowed) => (typeof allowed === 'string' ? allowed : JSON.stringify(allowed))),
  );
export const tooLongText = (path: string, text: string, max: number): FieldError =>
  tooLong(pathOrRoot(path), text, max);
export const tooManyEntries = (path: string, count: number, max: number): FieldError =>
  tooMany(pathOrRoot(path), count, max);

export const forbiddenProperty = (path: string, name: string): FieldError =>
  invalid(pathOrRoot(path), name, `${path}.${name} in body is a forbidden property`);
