/** `x-kubernetes-list-type` and `x-kubernetes-list-map-keys`: lists that are sets or maps need items that can be told apart. */
import { repeatedAt } from '../../../../meta/field-checks';
import {
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../../meta/field-error';
import type { JsonSchemaProps } from '../types';
import { typeErrors } from './map-type';
import { hasDefault, itemsOf, schemaOf } from './schema-parts';

const listTypeField = 'x-kubernetes-list-type';
const mapKeysField = 'x-kubernetes-list-map-keys';
const listTypes = ['atomic', 'map', 'set'];

export function validateListType(schema: JsonSchemaProps, path: FieldPath): FieldError[] {
  const listType = schema[listTypeField];
  const mapKeys = schema[mapKeysField] ?? [];
  const errors: FieldError[] = [];
  if (listType !== undefined) {
    const wrong = typeErrors(schema, 'array', listTypeField, path);
    errors.push(...wrong);
    if (wrong.length === 0 && listType === 'set') errors.push(...validateSetItems(schema, path));
    if (!listTypes.includes(listType)) errors.push(notSupported(path.child(listTypeField), listType, listTypes));
  }
  if (mapKeys.length && listType !== 'map') {
    const detail = `must be map if ${mapKeysField} is non-empty`;
    const at = path.child(listTypeField);
    errors.push(listType === undefined ? required(at, detail) : invalid(at, listType, detail));
  }
  if (listType === 'map') errors.push(...validateMapItems(schema, mapKeys, path));
  if (listType === 'map' || listType === 'set') errors.push(...validateNullable(schema, listType, mapKeys, path));
  return errors;
}

/** Items of a set are compared as a whole. */
function validateSetItems(schema: JsonSchemaProps, path: FieldPath): FieldError[] {
  const items = itemsOf(schema);
  const detail = `must be atomic as item of a list with ${listTypeField}=set`;
  const itemListType = items?.[listTypeField];
  if (items?.type === 'array' && itemListType !== undefined && itemListType !== 'atomic') {
    return [invalid(path.child('items', listTypeField), itemListType, detail)];
  }
  if (items?.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') {
    return [invalid(path.child('items', 'x-kubernetes-map-type'), itemListType, detail)];
  }
  return [];
}

function validateMapItems(schema: JsonSchemaProps, mapKeys: string[], path: FieldPath): FieldError[] {
  const keysPath = path.child(mapKeysField);
  const itemsPath = path.child('items');
  const errors: FieldError[] = [];
  if (mapKeys.length === 0) errors.push(required(keysPath, `must not be empty if ${listTypeField} is map`));
  if (schema.items === undefined) {
    return [...errors, required(itemsPath, `must have a schema if ${listTypeField} is map`)];
  }
  const items = itemsOf(schema);
  if (!items) {
    return [...errors, invalid(itemsPath, schema.items, `must only have a single schema if ${listTypeField} is map`)];
  }
  if (items.type !== 'object') {
    const detail = `must be object if parent array's ${listTypeField} is map`;
    return [...errors, invalid(itemsPath.child('type'), items.type ?? '', detail)];
  }
  // These show the whole list: once is enough.
  if (repeatedAt(mapKeys).size) errors.push(invalid(keysPath, mapKeys, 'must not contain duplicate entries'));
  if (mapKeys.some((key) => !propertyOf(items, key))) {
    errors.push(invalid(keysPath, mapKeys, 'entries must all be names of item properties'));
  }
  for (const key of mapKeys) {
    const type = propertyOf(items, key)?.type;
    if (type !== 'array' && type !== 'object') continue;
    const detail = `must be a scalar type if parent array's ${listTypeField} is map`;
    errors.push(invalid(itemsPath.child('properties').key(key).child('type'), items.type, detail));
  }
  return errors;
}

/** Neither items nor their keys may be missing. */
function validateNullable(schema: JsonSchemaProps, listType: string, mapKeys: string[], path: FieldPath): FieldError[] {
  const items = itemsOf(schema);
  if (!items) return [];
  const itemsPath = path.child('items');
  const errors: FieldError[] = [];
  if (items.nullable) {
    errors.push(forbidden(itemsPath.child('nullable'), `cannot be nullable when ${listTypeField} is ${listType}`));
  }
  if (listType !== 'map') return errors;
  const requiredKeys = new Set(items.required);
  for (const key of mapKeys) {
    const property = propertyOf(items, key);
    if (!property) continue;
    const at = itemsPath.child('properties').key(key);
    const because = `this property is in ${mapKeysField}, so it`;
    if (!requiredKeys.has(key) && !hasDefault(property)) {
      errors.push(required(at.child('default'), `${because} must have a default or be a required property`));
    }
    if (property.nullable) errors.push(forbidden(at.child('nullable'), `${because} cannot be nullable`));
  }
  return errors;
}

const propertyOf = ({ properties = {} }: JsonSchemaProps, name: string): JsonSchemaProps | undefined =>
  schemaOf(Object.hasOwn(properties, name) ? properties[name] : undefined);
