/** What may stand in `allOf`, `anyOf`, `oneOf` and `not` of a structural schema. */
import { type FieldError, type FieldPath, forbidden, required } from '../../../../meta/field-error';
import { deepEqual } from '../../../../meta/json';
import type { JsonSchemaProps } from '../types';
import { hasDefault, itemsOf, listOf, mapOf, placed, type PlacedSchema, schemaOf } from './schema-parts';

/** The one form in which these may speak of types: what `x-kubernetes-int-or-string` was before it was there. */
const intOrString: unknown[] = [{ type: 'integer' }, { type: 'string' }];
const isIntOrString = (schemas: unknown): boolean => deepEqual(schemas ?? null, intOrString);

interface Skipped {
  anyOf: boolean;
  /** `anyOf` of the first entry of `allOf`. */
  firstAllOf: boolean;
}

/** Of a schema that describes the shape. */
export const validateJunctors = (schema: JsonSchemaProps, path: FieldPath): FieldError[] =>
  junctorErrors(schema, path, {
    anyOf: isIntOrString(schema.anyOf),
    firstAllOf: isIntOrString(schemaOf(schema.allOf?.[0])?.anyOf),
  });

function junctorErrors(schema: JsonSchemaProps, path: FieldPath, skipped: Skipped): FieldError[] {
  const nested = ([child, at]: PlacedSchema, skipAnyOf = false): FieldError[] => validateNested(child, at, skipAnyOf);
  return [
    ...(skipped.anyOf ? [] : listOf(schema.anyOf, path.child('anyOf')).flatMap((entry) => nested(entry))),
    ...listOf(schema.allOf, path.child('allOf')).flatMap((entry, index) =>
      nested(entry, skipped.firstAllOf && index === 0),
    ),
    ...listOf(schema.oneOf, path.child('oneOf')).flatMap((entry) => nested(entry)),
    ...placed(schema.not, path.child('not')).flatMap((entry) => nested(entry)),
  ];
}

function validateNested(schema: JsonSchemaProps, path: FieldPath, skipAnyOf: boolean): FieldError[] {
  const items = itemsOf(schema);
  return [
    ...junctorErrors(schema, path, { anyOf: skipAnyOf, firstAllOf: false }),
    ...(items ? validateNested(items, path.child('items'), false) : []),
    ...mapOf(schema.properties, path.child('properties')).flatMap(([child, at]) => validateNested(child, at, false)),
    ...shapeErrors(schema, path),
  ];
}

/** What each field that describes the shape must be instead. */
const forbiddenFields = {
  type: 'must be empty to be structural',
  additionalProperties: 'must be undefined to be structural',
  default: 'must be undefined to be structural',
  title: 'must be empty to be structural',
  description: 'must be empty to be structural',
  nullable: 'must be false to be structural',
  'x-kubernetes-preserve-unknown-fields': 'must be false to be structural',
  'x-kubernetes-embedded-resource': 'must be false to be structural',
  'x-kubernetes-int-or-string': 'must be false to be structural',
  'x-kubernetes-list-map-keys': 'must be empty to be structural',
  'x-kubernetes-list-type': 'must be undefined to be structural',
  'x-kubernetes-map-type': 'must be undefined to be structural',
  'x-kubernetes-validations': 'must be empty to be structural',
} as const;

type ForbiddenField = keyof typeof forbiddenFields;

function isSpecified(schema: JsonSchemaProps, field: ForbiddenField): boolean {
  if (field === 'default') return hasDefault(schema);
  const value = schema[field];
  if (field === 'additionalProperties') return value !== undefined;
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function shapeErrors(schema: JsonSchemaProps, path: FieldPath): FieldError[] {
  const errors = Object.entries(forbiddenFields)
    .filter(([field]) => isSpecified(schema, field as ForbiddenField))
    .map(([field, detail]) => forbidden(path.child(field), detail));
  // Rules about metadata would restrict what every object may have.
  if (Object.hasOwn(schema.properties ?? {}, 'metadata')) {
    const at = path.child('properties').key('metadata');
    errors.push(forbidden(at, 'must not be specified in a nested context'));
  }
  return errors;
}

/** Everything that is narrowed is defined outside of the junctors too. */
export function validateCompleteness(schema: JsonSchemaProps, path: FieldPath): FieldError[] {
  const items = itemsOf(schema);
  return [
    ...narrowedIn(schema, schema, path, path),
    ...(items ? validateCompleteness(items, path.child('items')) : []),
    ...mapOf(schema.properties, path.child('properties')).flatMap(([child, at]) => validateCompleteness(child, at)),
    ...placed(schema.additionalProperties, path.child('additionalProperties')).flatMap(([child, at]) =>
      validateCompleteness(child, at),
    ),
  ];
}

/** `schema` at `path` defines the shape of what `values` narrows at `at`. */
function narrowedIn(values: JsonSchemaProps, schema: JsonSchemaProps, path: FieldPath, at: FieldPath): FieldError[] {
  return [
    ...placed(values.not, at.child('not')),
    ...(['allOf', 'anyOf', 'oneOf'] as const).flatMap((field) => listOf(values[field], at.child(field))),
  ].flatMap(([nested, nestedAt]) => narrowed(nested, schema, path, nestedAt));
}

function narrowed(
  values: JsonSchemaProps,
  schema: JsonSchemaProps | undefined,
  path: FieldPath,
  at: FieldPath,
): FieldError[] {
  if (!schema) return [required(path, `because it is defined in ${String(at)}`)];
  const items = itemsOf(values);
  return [
    ...narrowedIn(values, schema, path, at),
    ...(items ? narrowed(items, itemsOf(schema), path.child('items'), at.child('items')) : []),
    ...Object.entries(values.properties ?? {}).flatMap(([name, property]) => {
      const defined = Object.hasOwn(schema.properties ?? {}, name) ? schema.properties?.[name] : undefined;
      const child = (parent: FieldPath): FieldPath => parent.child('properties').key(name);
      return narrowed(schemaOf(property) ?? {}, schemaOf(defined), child(path), child(at));
    }),
  ];
}
