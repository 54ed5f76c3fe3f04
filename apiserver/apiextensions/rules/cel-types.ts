/**
 * The CEL type of a structural schema: what rules may say of a value is checked when the CustomResourceDefinition is written.
 * Upstream: apiserver `pkg/cel/common/schemas.go`.
 */
import { type CelType, type ObjectType, types } from '../../cel';
import { additionalOf, type JsonSchema } from '../schema/json-schema';
import { celNameOf } from './cel-names';

const maxRequestBytes = 3 * 1024 * 1024;
/** The shortest text that is an empty list, map or string; what is estimated for items of unbounded lists. */
const minItemBytes = 2;

const stringSchema: JsonSchema = { type: 'string' };

/** apiVersion, kind and the names are there at the root of every object, whatever its schema says. */
export const withObjectMeta = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  properties: {
    ...schema.properties,
    apiVersion: stringSchema,
    kind: stringSchema,
    metadata: { type: 'object', properties: { name: stringSchema, generateName: stringSchema } },
  },
});

/** Undefined where nothing is known of the value: such fields cannot be named in rules. */
export function celTypeOf(
  schema: JsonSchema,
  isRoot = schema['x-kubernetes-embedded-resource'] === true,
): CelType | undefined {
  if (schema['x-kubernetes-int-or-string']) return { kind: 'dyn', maxSize: maxTextSize(schema) };
  switch (schema.type) {
    case 'array':
      return listType(schema);
    case 'object':
      return mapType(schema) ?? objectType(isRoot ? withObjectMeta(schema) : schema);
    case 'string':
      return textType(schema);
    case 'boolean':
      return types.bool;
    case 'number':
      return types.double;
    case 'integer':
      return types.int;
    default:
      return undefined;
  }
}

function listType(schema: JsonSchema): CelType | undefined {
  const element = schema.items && celTypeOf(schema.items);
  if (!element) return undefined;
  const listKind = schema['x-kubernetes-list-type'];
  const mapKeys = schema['x-kubernetes-list-map-keys'];
  return {
    kind: 'list',
    element,
    maxSize: schema.maxItems ?? Math.floor((maxRequestBytes - 2) / (minItemBytes + 1)),
    ...(listKind && { listType: listKind as 'set' | 'map' | 'atomic' }),
    ...(mapKeys && { mapKeys }),
  };
}

/** Undefined for objects with properties. */
function mapType(schema: JsonSchema): CelType | undefined {
  const additional = additionalOf(schema);
  const value = additional && celTypeOf(additional);
  if (!value) return undefined;
  const maxSize = schema.maxProperties ?? Math.floor((maxRequestBytes - 2) / (minItemBytes + 6));
  return { kind: 'map', key: types.string, value, maxSize };
}

function objectType(schema: JsonSchema): ObjectType | undefined {
  if (additionalOf(schema)) return undefined;
  const fields = new Map<string, { type: CelType; jsonName: string }>();
  for (const [jsonName, property] of Object.entries(schema.properties ?? {})) {
    const name = celNameOf(jsonName);
    const type = celTypeOf(property);
    if (name !== undefined && type) fields.set(name, { type, jsonName });
  }
  return { kind: 'object', name: 'object', fields };
}

function textType(schema: JsonSchema): CelType {
  switch (schema.format) {
    case 'byte':
      return { kind: 'bytes', maxSize: schema.maxLength ?? maxRequestBytes - 2 };
    case 'duration':
      return types.duration;
    case 'date':
    case 'date-time':
      return types.timestamp;
    default:
      return { kind: 'string', maxSize: maxTextSize(schema) };
  }
}

/** A character takes up to four bytes. */
function maxTextSize({ maxLength, enum: allowed }: JsonSchema): number {
  if (maxLength !== undefined) return maxLength * 4;
  if (!allowed?.length) return maxRequestBytes - 2;
  return Math.max(...allowed.map((value) => (typeof value === 'string' ? value.length : 0)));
}
