/** A version's schema as a whole: what its root may have, that it is structural, and each schema in it. */
import { type FieldError, type FieldPath, forbidden, invalid } from '../../../../meta/field-error';
import type { JsonSchemaProps } from '../types';
import { validateSchemaTree } from './schema-tree';
import { validateStructural } from './structural';

/** In upstream's order and with Go's names: the message prints them. */
const fieldsBesideStatus: Record<string, string> = {
  description: 'Description',
  type: 'Type',
  format: 'Format',
  title: 'Title',
  maximum: 'Maximum',
  exclusiveMaximum: 'ExclusiveMaximum',
  minimum: 'Minimum',
  exclusiveMinimum: 'ExclusiveMinimum',
  maxLength: 'MaxLength',
  minLength: 'MinLength',
  pattern: 'Pattern',
  maxItems: 'MaxItems',
  minItems: 'MinItems',
  uniqueItems: 'UniqueItems',
  multipleOf: 'MultipleOf',
  required: 'Required',
  items: 'Items',
  properties: 'Properties',
  externalDocs: 'ExternalDocs',
  example: 'Example',
  'x-kubernetes-preserve-unknown-fields': 'XPreserveUnknownFields',
  'x-kubernetes-validations': 'XValidations',
};

/** `hasStatus`: the version has the status subresource, so `properties.status` is used without its root. */
export function validateRootSchema(
  schema: JsonSchemaProps,
  { path, hasStatus }: { path: FieldPath; hasStatus: boolean },
): FieldError[] {
  const errors = hasStatus ? validateRootFields(schema, path) : [];
  if (schema.nullable) errors.push(forbidden(path.child('nullable'), 'nullable cannot be true at the root'));
  return [...errors, ...validateStructural(schema, path), ...validateSchemaTree(schema, path)];
}

function validateRootFields(schema: JsonSchemaProps, path: FieldPath): FieldError[] {
  if (schema.type && schema.type !== 'object') {
    const detail =
      'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    return [invalid(path.child('type'), schema.type, detail)];
  }
  const isSet = (value: unknown): boolean => value !== undefined && value !== false && value !== '' && value !== null;
  const other = Object.entries(schema).some(([field, value]) => isSet(value) && !(field in fieldsBesideStatus));
  if (!other) return [];
  const allowed = `[${Object.values(fieldsBesideStatus).join(' ')}]`;
  const detail = `only ${allowed} fields are allowed at the root of the schema if the status subresource is enabled`;
  return [invalid(path, schema, detail)];
}
