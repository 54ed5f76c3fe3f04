/**
 * A schema is structural when the shape of objects can be read from it without looking into `allOf`, `anyOf`, `oneOf` and
 * `not`: every part has a type, and what stands in those only narrows values of what is defined outside of them. Upstream:
 * apiextensions-apiserver `pkg/apiserver/schema/validation.go`.
 */
import {
  type FieldError,
  type FieldPath,
  forbidden,
  formatFieldError,
  invalid,
  required,
} from '../../../../meta/field-error';
import { deepEqual } from '../../../../meta/json';
import type { JsonSchemaProps } from '../types';
import { itemsOf, mapOf, placed, schemaOf } from './schema-parts';
import { validateCompleteness, validateJunctors } from './value-validation';

type Level = 'root' | 'item' | 'field';

export const validateStructural = (schema: JsonSchemaProps, path: FieldPath): FieldError[] =>
  [...validateInvariants(schema, path, 'root'), ...validateCompleteness(schema, path)].sort((a, b) =>
    formatFieldError(a) < formatFieldError(b) ? -1 : 1,
  );

function validateInvariants(schema: JsonSchemaProps, path: FieldPath, level: Level): FieldError[] {
  const items = itemsOf(schema);
  const errors: FieldError[] = [];
  if (schema.type === 'array' && !items) errors.push(required(path.child('items'), 'must be specified'));
  if (items) errors.push(...validateInvariants(items, path.child('items'), 'item'));
  for (const [child, at] of mapOf(schema.properties, path.child('properties'))) {
    errors.push(...validateInvariants(child, at, 'field'));
  }
  const additionalPath = path.child('additionalProperties');
  if (schema.additionalProperties !== undefined && level === 'root') {
    errors.push(forbidden(additionalPath, 'must not be used at the root'));
  }
  for (const [child, at] of placed(schema.additionalProperties, additionalPath)) {
    errors.push(...validateInvariants(child, at, 'field'));
  }
  return [
    ...errors,
    ...validateIntOrString(schema, path),
    ...validateJunctors(schema, path),
    ...validateType(schema, path, level),
    ...validateMetaFields(schema, path, level),
    ...validateEmbedded(schema, path),
  ];
}

function validateIntOrString(schema: JsonSchemaProps, path: FieldPath): FieldError[] {
  if (!schema['x-kubernetes-int-or-string']) return [];
  return (['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const)
    .filter((field) => schema[field])
    .map((field) => invalid(path.child(field), true, 'must be false if x-kubernetes-int-or-string is true'));
}

const missingType = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function validateType(schema: JsonSchemaProps, path: FieldPath, level: Level): FieldError[] {
  const { type } = schema;
  const at = path.child('type');
  const errors: FieldError[] = [];
  if (schema['x-kubernetes-embedded-resource'] && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type ? invalid(at, type, detail) : required(at, detail));
  } else if (!type && !schema['x-kubernetes-int-or-string'] && !schema['x-kubernetes-preserve-unknown-fields']) {
    errors.push(required(at, missingType[level]));
  }
  if (level === 'root' && type && type !== 'object') errors.push(invalid(at, type, 'must be object at the root'));
  return errors;
}

/** apiVersion, kind and metadata are described implicitly; a schema may only narrow the object's name. */
function validateMetaFields(schema: JsonSchemaProps, path: FieldPath, level: Level): FieldError[] {
  const isResource = level === 'root' || schema['x-kubernetes-embedded-resource'] === true;
  const propertiesPath = path.child('properties');
  const errors: FieldError[] = [];
  const property = (name: string): JsonSchemaProps | undefined =>
    schemaOf(Object.hasOwn(schema.properties ?? {}, name) ? schema.properties?.[name] : undefined);
  for (const name of ['kind', 'apiVersion']) {
    const type = property(name)?.type ?? '';
    if (!isResource || !property(name) || type === 'string') continue;
    errors.push(invalid(propertiesPath.key(name).child('type'), type, 'must be string'));
  }
  const metadata = property('metadata');
  if (!metadata) return errors;
  const metadataPath = propertiesPath.key('metadata');
  if (isResource && metadata.type !== 'object') {
    errors.push(invalid(metadataPath.child('type'), metadata.type ?? '', 'must be object'));
  }
  if (level === 'root' && !namesOnly(metadata)) {
    const detail = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
    errors.push(forbidden(metadataPath, detail));
  }
  return errors;
}

/** The default is refused elsewhere. */
function namesOnly({ properties = {}, type: _type, default: _default, ...others }: JsonSchemaProps): boolean {
  const named = Object.keys(properties).every((name) => name === 'name' || name === 'generateName');
  return named && deepEqual(others, {});
}

function validateEmbedded(schema: JsonSchemaProps, path: FieldPath): FieldError[] {
  if (!schema['x-kubernetes-embedded-resource']) return [];
  const errors: FieldError[] = [];
  if (schema.additionalProperties !== undefined) {
    const detail = 'must not be used if x-kubernetes-embedded-resource is set';
    errors.push(forbidden(path.child('additionalProperties'), detail));
  }
  if (!schema['x-kubernetes-preserve-unknown-fields'] && Object.keys(schema.properties ?? {}).length === 0) {
    const detail =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(path.child('properties'), detail));
  }
  return errors;
}
