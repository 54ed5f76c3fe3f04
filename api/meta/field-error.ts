/**
 * Validation errors that name a field, with the types and texts of apimachinery `pkg/util/validation/field`. Paths print
 * like `spec.containers[0].name` and `metadata.labels[app]`.
 */

/**
 * An immutable path into an object; `child` and `index` return longer ones. Validation makes hundreds and prints few, so the
 * text is put together when it is asked for.
 */
export class FieldPath {
  private constructor(
    private readonly parent: FieldPath | undefined,
    private readonly name: string,
    private readonly kind: 'field' | 'index' | 'key',
  ) {}

  /** A path that starts at a top-level field: `FieldPath.of('spec', 'replicas')`. */
  static of(...names: string[]): FieldPath {
    return new FieldPath(undefined, names.join('.'), 'field');
  }

  child(...names: string[]): FieldPath {
    return new FieldPath(this, names.length === 1 ? names[0]! : names.join('.'), 'field');
  }

  index(position: number): FieldPath {
    return new FieldPath(this, String(position), 'index');
  }

  key(name: string): FieldPath {
    return new FieldPath(this, name, 'key');
  }

  toString(): string {
    const before = this.parent?.toString() ?? '';
    if (this.kind !== 'field') return `${before}[${this.name}]`;
    return before ? `${before}.${this.name}` : this.name;
  }
}

/** The values are the `reason` of a Status cause. */
export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError'
  | 'FieldValueTypeInvalid';

export interface FieldError {
  type: FieldErrorType;
  field: string;
  badValue?: unknown;
  detail: string;
}

const headlines: Record<FieldErrorType, string> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  InternalError: 'Internal error',
  FieldValueTypeInvalid: 'Invalid value',
};

const withoutValue: ReadonlySet<FieldErrorType> = new Set([
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueTooLong',
  'InternalError',
  'FieldValueTooMany',
]);

type Path = FieldPath | string;

/** As a bad value: the error names none, because it is about several fields. */
export const omittedValue = Symbol('omitted');

export const required = (path: Path, detail = ''): FieldError => ({
  type: 'FieldValueRequired',
  field: String(path),
  detail,
});

export const invalid = (path: Path, badValue: unknown, detail: string): FieldError => ({
  type: 'FieldValueInvalid',
  field: String(path),
  badValue,
  detail,
});

export const typeInvalid = (path: Path, badValue: unknown, detail: string): FieldError => ({
  type: 'FieldValueTypeInvalid',
  field: String(path),
  badValue,
  detail,
});

/** `supported` is printed sorted, as upstream does. */
export const notSupported = (path: Path, badValue: unknown, supported: readonly string[]): FieldError => ({
  type: 'FieldValueNotSupported',
  field: String(path),
  badValue,
  detail: supported.length
    ? `supported values: ${[...supported]
        .sort()
        .map((value) => JSON.stringify(value))
        .join(', ')}`
    : '',
});

export const duplicate = (path: Path, badValue: unknown): FieldError => ({
  type: 'FieldValueDuplicate',
  field: String(path),
  badValue,
  detail: '',
});

export const notFound = (path: Path, badValue: unknown): FieldError => ({
  type: 'FieldValueNotFound',
  field: String(path),
  badValue,
  detail: '',
});

export const forbidden = (path: Path, detail: string): FieldError => ({
  type: 'FieldValueForbidden',
  field: String(path),
  detail,
});

export const tooLong = (path: Path, _badValue: unknown, maxLength: number): FieldError => ({
  type: 'FieldValueTooLong',
  field: String(path),
  detail: `may not be more than ${maxLength} bytes`,
});

export const tooMany = (path: Path, actual: number, max: number): FieldError => ({
  type: 'FieldValueTooMany',
  field: String(path),
  badValue: actual,
  detail: `must have at most ${max} items`,
});

export const immutable = (path: Path, badValue: unknown): FieldError => invalid(path, badValue, 'field is immutable');

/** `spec.replicas: Invalid value: -1: must be greater than or equal to 0`, as Go prints a field error. */
export function formatFieldError(error: FieldError, options: { withoutField?: boolean } = {}): string {
  let text = headlines[error.type];
  if (error.type === 'FieldValueTooMany') text += `: ${String(error.badValue)}`;
  else if (!withoutValue.has(error.type) && error.badValue !== omittedValue)
    text += `: ${formatBadValue(error.badValue)}`;
  if (error.detail) text += `: ${error.detail}`;
  return options.withoutField ? text : `${error.field}: ${text}`;
}

function formatBadValue(value: unknown): string {
  // Go prints a missing value as a text.
  if (value === undefined || value === null) return '"null"';
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
