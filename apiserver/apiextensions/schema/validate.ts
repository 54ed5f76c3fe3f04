/**
 * Validation of values by an OpenAPI v3 schema, with kube-openapi's order of checks, texts and types of errors. On updates what did
 * not change may stay as it is (ratcheting): its errors are dropped at the nearest value that can be compared with the old one.
 * Upstream: kube-openapi `validation/validate`, apiextensions-apiserver `validation/{validation,ratcheting}.go`.
 */
import { isDeepStrictEqual } from 'node:util';
import type { FieldError } from '../../../api/meta/field-error';
import { type Old, oldItems, oldMember } from './correlation';
import { additionalOf, isJsonObject, type JsonObject, type JsonSchema, own } from './json-schema';
import { validateNumber, validateString } from './scalars';
import { badValue, forbiddenProperty, missing, notInEnum, tooManyEntries, wrongType } from './value-errors';
import { validateAlternatives } from './alternatives';
import { childPath, indexPath } from './value-path';
import { canonicalJson } from './list-types';

/** `matches` is a linear-time search for a pattern. */
export interface ValidationContext {
  matches(pattern: string, text: string): boolean;
}

/** The errors of `value`. `old`: what it was before an update, where that is known. */
export function validateValue(
  context: ValidationContext,
  value: unknown,
  schema: JsonSchema,
  path = '',
  old?: Old,
): FieldError[] {
  const errors = errorsOf(context, value, schema, path, old);
  return errors.length > 0 && old && isDeepStrictEqual(value, old.value) ? [] : errors;
}

function errorsOf(
  context: ValidationContext,
  value: unknown,
  schema: JsonSchema,
  path: string,
  old: Old,
): FieldError[] {
  const typeErrors = validateType(value, schema, path);
  if (value === null) return [...typeErrors, ...validateEnum(value, schema, path)];
  return [
    ...typeErrors,
    ...validateAlternatives(schema, path, (one) => validateValue(context, value, one, path)),
    ...(typeof value === 'string' ? validateString(context, value, schema, path) : []),
    ...(typeof value === 'number' ? validateNumber(value, schema, path) : []),
    ...(Array.isArray(value) ? validateList(context, value, schema, path, old) : []),
    ...validateEnum(value, schema, path),
    ...(isJsonObject(value) ? validateObject(context, value, schema, path, old) : []),
  ];
}

const jsonTypeOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
};

function validateType(value: unknown, schema: JsonSchema, path: string): FieldError[] {
  const types = schema['x-kubernetes-int-or-string'] ? ['integer', 'string'] : schema.type ? [schema.type] : [];
  const found = jsonTypeOf(value);
  if (!types.length || types.includes(found) || (found === 'null' && schema.nullable)) return [];
  if (found === 'integer' && types.includes('number')) return [];
  return [wrongType(path, types.join(','), found)];
}

function validateEnum(value: unknown, { enum: allowed }: JsonSchema, path: string): FieldError[] {
  if (!allowed?.length || allowed.some((one) => isDeepStrictEqual(one, value))) return [];
  return [notInEnum(path, value, allowed)];
}

/** The first thing that is wrong with the list as a whole hides what is wrong with its items. */
function validateList(
  context: ValidationContext,
  list: unknown[],
  { items, ...schema }: JsonSchema,
  path: string,
  old: Old,
): FieldError[] {
  const oldItem = oldItems(schema, old);
  const errors = items
    ? list.flatMap((item, index) => validateValue(context, item, items, indexPath(path, index), oldItem(item)))
    : [];
  const { minItems, maxItems, uniqueItems } = schema;
  if (minItems !== undefined && list.length < minItems) {
    errors.push(badValue(path, list.length, `should have at least ${minItems} items`));
  }
  if (maxItems !== undefined && list.length > maxItems) errors.push(tooManyEntries(path, list.length, maxItems));
  if (uniqueItems && new Set(list.map(canonicalJson)).size < list.length) {
    errors.push(badValue(path, '', "shouldn't contain duplicates"));
  }
  return errors;
}

function validateObject(
  context: ValidationContext,
  object: JsonObject,
  schema: JsonSchema,
  path: string,
  old: Old,
): FieldError[] {
  const { minProperties, maxProperties, properties, additionalProperties } = schema;
  const names = Object.keys(object);
  if (minProperties !== undefined && names.length < minProperties) {
    return [badValue(path, names.length, `should have at least ${minProperties} properties`)];
  }
  if (maxProperties !== undefined && names.length > maxProperties) {
    return [tooManyEntries(path, names.length, maxProperties)];
  }
  const additional = additionalOf(schema);
  const errors: FieldError[] = [];
  for (const name of names) {
    const property = own(properties, name);
    const member = property ?? additional;
    if (member) {
      const value = object[name];
      errors.push(...validateValue(context, value, member, childPath(path, name), oldMember(schema, old, name)));
    } else if (additionalProperties === false) {
      errors.push(forbiddenProperty(path, name));
    }
  }
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(object, name)) errors.push(missing(childPath(path, name)));
  }
  return errors;
}
