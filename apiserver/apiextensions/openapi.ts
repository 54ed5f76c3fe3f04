/**
 * The OpenAPI definitions that a version of a custom resource brings along. Upstream: apiextensions-apiserver
 * `controller/openapi/{builder,v2}`. Version 2 of OpenAPI says less: what it cannot express is left open.
 */
import type { Definitions, GroupVersionKind, Schema } from '../../api/schema/schema';
import { refTo } from '../../api/schema/schema';
import { additionalOf, type JsonSchema } from './schema/json-schema';

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const conventions = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';

const typeMeta: Readonly<Record<string, Schema>> = {
  apiVersion: {
    description: `APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: ${conventions}#resources`,
    type: 'string',
  },
  kind: {
    description: `Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: ${conventions}#types-kinds`,
    type: 'string',
  },
};

const metadataOf = (name: string): Schema => ({
  description: `Standard object's metadata. More info: ${conventions}#metadata`,
  ...refTo(`${meta}.${name}`),
});

/** `com.example.stable.v1.CronTab` for stable.example.com. */
export const openApiNameOf = ({ group, version, kind }: GroupVersionKind): string =>
  [...group.split('.').reverse(), version, kind].join('.');

export interface OpenApiFacts extends GroupVersionKind {
  listKind: string;
  plural: string;
  /** Undefined where the version has none. */
  schema: JsonSchema | undefined;
}

export function openApiDefinitions(facts: OpenApiFacts, openApiVersion: 'v2' | 'v3'): Definitions {
  const { group, version, kind, listKind, plural } = facts;
  const name = openApiNameOf(facts);
  return {
    [name]: {
      ...objectSchema(facts.schema, openApiVersion),
      'x-kubernetes-group-version-kind': [{ group, version, kind }],
    },
    [`${name}List`]: {
      description: `${listKind} is a list of ${kind}`,
      type: 'object',
      required: ['items'],
      properties: {
        ...typeMeta,
        items: { description: `List of ${plural}. More info: ${conventions}`, type: 'array', items: refTo(name) },
        metadata: metadataOf('ListMeta'),
      },
      'x-kubernetes-group-version-kind': [{ group, version, kind: listKind }],
    },
  };
}

function objectSchema(schema: JsonSchema | undefined, openApiVersion: 'v2' | 'v3'): Schema {
  // Saying anything would make kubectl refuse what is not said.
  if (!schema || (openApiVersion === 'v2' && schema['x-kubernetes-preserve-unknown-fields'])) return { type: 'object' };
  const published = openApiVersion === 'v3' ? v3Schema(schema) : v2Schema(schema);
  return { ...published, properties: { ...published.properties, ...typeMeta, metadata: metadataOf('ObjectMeta') } };
}

function withChildren(
  schema: JsonSchema,
  publish: (schema: JsonSchema) => Schema,
  embedded = schema['x-kubernetes-embedded-resource'],
): Schema {
  const { properties, items, additionalProperties, ...rest } = schema;
  const additional = additionalOf(schema);
  return {
    ...(rest as Schema),
    ...((properties || embedded) && {
      properties: {
        ...Object.fromEntries(Object.entries(properties ?? {}).map(([name, property]) => [name, publish(property)])),
        ...(embedded && { ...typeMeta, metadata: metadataOf('ObjectMeta') }),
      },
    }),
    ...(items && { items: publish(items) }),
    ...(additionalProperties && { additionalProperties: additional ? publish(additional) : {} }),
  };
}

function v3Schema(schema: JsonSchema): Schema {
  const published = withChildren(schema, v3Schema);
  if (!schema['x-kubernetes-int-or-string'] || schema.anyOf || schema.allOf) return published;
  return { ...published, anyOf: [{ type: 'integer' }, { type: 'string' }] } as Schema;
}

/** Without junctors and null, and nothing about the fields of what kubectl would refuse to find others in. */
function v2Schema(schema: JsonSchema): Schema {
  const { allOf: _all, anyOf: _any, oneOf: _one, not: _not, nullable, ...published } = schema;
  const preserves = schema['x-kubernetes-preserve-unknown-fields'];
  if (nullable || preserves) {
    delete published.items;
    delete published.properties;
  }
  const { type, items } = published;
  if (nullable || (preserves && type === 'object') || (type === 'array' && !items)) delete published.type;
  const required = requiredInV2(schema);
  if (required.length > 0) published.required = required;
  else delete published.required;
  return withChildren(published, v2Schema, preserves ? false : schema['x-kubernetes-embedded-resource']);
}

/** Without what may be null: kubectl takes null for absent. */
function requiredInV2(schema: JsonSchema): string[] {
  const { properties = {}, required = [] } = schema;
  return additionalOf(schema)?.nullable ? [] : required.filter((name) => !properties[name]?.nullable);
}
