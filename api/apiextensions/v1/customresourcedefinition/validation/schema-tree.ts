/** Every schema in a version's schema, one by one: what is not supported, and what the `x-kubernetes-` fields need. */
import { type FieldError, type FieldPath, forbidden, notSupported } from '../../../../meta/field-error';
import type { JsonSchemaProps } from '../types';
import { validateListType } from './list-type';
import { validateMapType, validatePreserve } from './map-type';
import { validateRules } from './rules';
import { hasDefault, itemsOf, listOf, mapOf, placed, type PlacedSchema, schemaOf } from './schema-parts';

/** What is known of the place of a schema. */
interface Place {
  isRoot?: boolean;
  /** Within apiVersion, kind or metadata. */
  inMetadata?: boolean;
  /** Why it may have no default. */
  defaultsForbidden?: string;
}

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const metaFields = new Set(['apiVersion', 'kind', 'metadata']);

export const validateSchemaTree = (schema: JsonSchemaProps, path: FieldPath): FieldError[] =>
  validateSchema(schema, path, { isRoot: true });

function validateSchema(schema: JsonSchemaProps, path: FieldPath, place: Place): FieldError[] {
  const inner: Place = { ...place, isRoot: false };
  const below = ([child, at]: PlacedSchema): FieldError[] => validateSchema(child, at, inner);
  return [
    ...validateSupported(schema, path, place),
    ...additionalErrors(schema, path, inner),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
      placed(property, path.child('properties').key(name)).flatMap(([child, at]) =>
        validateSchema(child, at, placeOfProperty(name, schema, place)),
      ),
    ),
    ...placed(schema.not, path.child('not')).flatMap(below),
    ...(['allOf', 'oneOf', 'anyOf'] as const).flatMap((field) =>
      listOf(schema[field], path.child(field)).flatMap(below),
    ),
    ...mapOf(schema.definitions, path.child('definitions')).flatMap(below),
    ...placed(itemsOf(schema), path.child('items')).flatMap(below),
    ...(Array.isArray(schema.items) ? listOf(schema.items, path.child('items')).flatMap(below) : []),
    ...mapOf(schema.dependencies, path.child('dependencies')).flatMap(below),
    ...validatePreserve(schema, path),
    ...validateMapType(schema, path),
    ...validateListType(schema, path),
    ...validateRules(schema, path),
  ];
}

/** `properties` describe a struct, `additionalProperties` a map; a schema is one of them. */
function additionalErrors(schema: JsonSchemaProps, path: FieldPath, place: Place): FieldError[] {
  const { additionalProperties: additional, properties } = schema;
  if (additional === undefined) return [];
  const at = path.child('additionalProperties');
  const errors: FieldError[] = [];
  if (Object.keys(properties ?? {}).length && additional !== true) {
    errors.push(forbidden(at, 'additionalProperties and properties are mutual exclusive'));
  }
  const child = schemaOf(additional);
  if (!child) return errors;
  const reason = 'inside additionalProperties applying to object metadata';
  const childPlace = place.inMetadata ? { ...place, defaultsForbidden: reason } : place;
  return [...errors, ...validateSchema(child, at, childPlace)];
}

function placeOfProperty(name: string, schema: JsonSchemaProps, place: Place): Place {
  const inner: Place = { ...place, isRoot: false };
  if (!metaFields.has(name) || !(place.isRoot || schema['x-kubernetes-embedded-resource'])) return inner;
  inner.inMetadata = true;
  if (place.isRoot) inner.defaultsForbidden = `in top-level ${name}`;
  return inner;
}

const isFilled = (schemas: object | undefined): boolean => Object.keys(schemas ?? {}).length > 0;

/** Whether each field of JSON Schema that is not supported says something. */
const unsupported: Readonly<Record<string, (schema: JsonSchemaProps) => boolean>> = {
  id: ({ id }) => Boolean(id),
  additionalItems: ({ additionalItems }) => additionalItems !== undefined,
  patternProperties: ({ patternProperties }) => isFilled(patternProperties),
  definitions: ({ definitions }) => isFilled(definitions),
  dependencies: ({ dependencies }) => dependencies !== undefined,
  $ref: ({ $ref }) => $ref !== undefined,
};

function validateSupported(schema: JsonSchemaProps, path: FieldPath, place: Place): FieldError[] {
  const { type } = schema;
  const errors: FieldError[] = [];
  if (type && !types.includes(type)) errors.push(notSupported(path.child('type'), type, types));
  if (hasDefault(schema) && place.defaultsForbidden) {
    errors.push(forbidden(path.child('default'), `must not be set ${place.defaultsForbidden}`));
  }
  for (const [field, isSaid] of Object.entries(unsupported)) {
    if (isSaid(schema)) errors.push(forbidden(path.child(field), `${field} is not supported`));
  }
  if (type === 'null') {
    errors.push(forbidden(path.child('type'), 'type cannot be set to null, use nullable as an alternative'));
  }
  if (Array.isArray(schema.items) && schema.items.length) {
    errors.push(forbidden(path.child('items'), 'items must be a schema object and not an array'));
  }
  if (place.inMetadata && schema['x-kubernetes-embedded-resource']) {
    const detail = 'must not be used inside of resource meta';
    errors.push(forbidden(path.child('x-kubernetes-embedded-resource'), detail));
  }
  if (schema.uniqueItems) {
    const detail = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbidden(path.child('uniqueItems'), detail));
  }
  return errors;
}
