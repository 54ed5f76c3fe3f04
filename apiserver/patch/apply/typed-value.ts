/** Values read by their types: which form a value takes, and what stands for nothing. Upstream: `typed/helpers.go`. */
import { isObject } from './list-items';
import { fieldElement } from './path-element';
import type { FieldType, ListType, MapType, TypeSchema } from './type-schema';

/** The form of a type that a value takes: a map if `map` is there, else a list if `list` is, else a leaf. */
export interface Form {
  readonly list?: ListType;
  readonly map?: MapType;
}

const scalarForm: Form = {};

/** Null and values that fit no form are leaves; null fits the only form that a type has. */
export function formOf(type: TypeSchema, value: unknown): Form {
  if (type.map && (isObject(value) || (!type.scalar && !type.list))) return type;
  if (type.list && (Array.isArray(value) || (!type.scalar && !type.map))) return type.map ? { list: type.list } : type;
  return scalarForm;
}

/** The value as the type reads it; undefined: it is not there. */
export function present(type: TypeSchema, value: unknown): unknown {
  if (value === undefined) return undefined;
  if (type.list?.omitEmpty && (value === null || (Array.isArray(value) && value.length === 0))) return undefined;
  if (type.map?.omitEmpty && (value === null || (isObject(value) && isEmptyMap(value)))) return undefined;
  return value;
}

/** A member of a map, as its type reads it. */
export function memberOf(
  map: MapType,
  object: Readonly<Record<string, unknown>>,
  name: string,
): { type: TypeSchema; element: string; value: unknown } {
  const field: FieldType | undefined = map.fields.get(name);
  const type = field?.type ?? map.element ?? {};
  const value = present(type, Object.hasOwn(object, name) ? object[name] : undefined);
  const element = field?.element ?? fieldElement(name);
  return { type, element, value: value === undefined ? field?.whenMissing : value };
}

export function isEmptyMap(value: object): boolean {
  for (const _ in value) return false;
  return true;
}

export const mapOrEmpty = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {});
export const listOrEmpty = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
