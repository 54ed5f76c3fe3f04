/**
 * The CEL type of a structural schema: what rules may say of a value is checked when the CustomResourceDefinition is written.
 * Upstream: apiserver `pkg/cel/common/schemas.go`.
 */
import { type CelType, type ObjectType, types } from '../../cel';
import { additionalOf, type JsonSchema, own } from '../schema/json-schema';
import { celNameOf } from './cel-names';

const maxRequestBytes = 3 * 1024 * 1024;

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
    maxSize: maxItemsOf(schema),
    ...(listKind && { listType: listKind as 'set' | 'map' | 'atomic' }),
    ...(mapKeys && { mapKeys }),
  };
}

/** Undefined for objects with properties. */
function mapType(schema: JsonSchema): CelType | undefined {
  const additional = additionalOf(schema);
  const value = additional && celTypeOf(additional);
  if (!value) return undefined;
  return { kind: 'map', key: types.string, value, maxSize: maxEntriesOf(schema) };
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

/** How many items a list can have: what it says, or else as many as fit into a request. */
export const maxItemsOf = ({ maxItems, items }: JsonSchema): number =>
  maxItems ?? Math.floor((maxRequestBytes - 2) / (minBytesOf(items ?? {}) + 1));

/** The same of a map, whose keys take two bytes at least. */
export const maxEntriesOf = (schema: JsonSchema): number =>
  schema.maxProperties ?? Math.floor((maxRequestBytes - 2) / (minBytesOf(additionalOf(schema) ?? {}) + 6));

/** The shortest JSON of a value. */
function minBytesOf(schema: JsonSchema): number {
  switch (schema.type) {
    case 'object':
      return (schema.required ?? []).reduce((total, name) => {
        const property = own(schema.properties, name);
        return property && property.default === undefined ? total + name.length + minBytesOf(property) + 4 : total;
      }, 2);
    case 'boolean':
      return 4;
    case 'string':
      return schema.format === 'date-time' ? 21 : schema.format === 'date' ? 12 : 2;
    case 'array':
      return 2;
    default:
      return 1;
  }
}
