/**
 * How the values of a type merge, all that server-side apply asks of a schema: which lists are sets or maps by a key, what
 * is replaced as a whole, and which fields there are. Made from the OpenAPI definitions of built-in kinds, and from the
 * schemas of CustomResourceDefinitions. Upstream: structured-merge-diff `schema`, kube-openapi `schemaconv`.
 */
import { fieldElement } from './path-element';
import { refName, type Schema } from '../../../api/schema/schema';

/**
 * A type is a scalar, a list or a map; one that is more than one of them takes the form of the value it finds (upstream's
 * deduced type).
 */
export interface TypeSchema {
  readonly scalar?: Scalar;
  readonly list?: ListType;
  readonly map?: MapType;
}

export type Scalar = 'string' | 'numeric' | 'boolean' | 'untyped';

export interface ListType {
  /** `set`: a set of scalars. `map`: entries by the values of their `keys`. */
  readonly relationship: 'atomic' | 'set' | 'map';
  /** In the order of their names. */
  readonly keys: readonly ListKey[];
  readonly item: TypeSchema;
  /** An empty list says what a missing one says: Go's `omitempty`. */
  readonly omitEmpty: boolean;
}

export interface ListKey {
  readonly name: string;
  /** What a missing key stands for. */
  readonly default?: unknown;
}

export interface MapType {
  readonly atomic: boolean;
  readonly fields: ReadonlyMap<string, FieldType>;
  /** Of members that are no fields; undefined: there may be none. */
  readonly element: TypeSchema | undefined;
  readonly omitEmpty: boolean;
  /** Fields that Go's structs have, and so write, also when they are empty. */
  readonly presentFields: readonly string[];
}

export interface FieldType {
  readonly type: TypeSchema;
  /** The path element of its name. */
  readonly element: string;
  /** What a missing field is read as. */
  readonly whenMissing: unknown;
}

const noFields: ReadonlyMap<string, FieldType> = new Map();

/** Anything: maps merge if `atomic` is false, lists are replaced. */
function untyped(atomic: boolean): TypeSchema {
  const type: TypeSchema & { list?: ListType; map?: MapType } = { scalar: 'untyped' };
  const item = atomic ? type : atomicType;
  const map = { atomic, fields: noFields, element: type, omitEmpty: false, presentFields: [] };
  return Object.assign(type, { list: { relationship: 'atomic' as const, keys: [], item, omitEmpty: false }, map });
}

/** Upstream's `__untyped_atomic_`. */
export const atomicType: TypeSchema = untyped(true);

/** Upstream's `__untyped_deduced_`. */
export const deducedType: TypeSchema = untyped(false);

export interface TypeOptions {
  /** The definition that a `$ref` names. */
  resolve(name: string): Schema | undefined;
  /**
   * Built-in kinds are Go structs upstream: empty lists and maps are left out, and nested structs are always there. Custom
   * resources are what their JSON says.
   */
  structs: boolean;
}

/** Types are made when they are first asked for, since schemas are recursive, and once per schema. */
export function createTypes(options: TypeOptions): (schema: Schema) => TypeSchema {
  const made = new WeakMap<Schema, TypeSchema>();
  const typeOf = (schema: Schema): TypeSchema => {
    let type = made.get(schema);
    if (!type) made.set(schema, (type = makeType(schema, options, typeOf)));
    return type;
  };
  return typeOf;
}

const scalars: Readonly<Record<string, Scalar>> = {
  string: 'string',
  integer: 'numeric',
  number: 'numeric',
  boolean: 'boolean',
};

/** Written with two forms at once, as strings that may be numbers. */
const isUntypedScalar = (schema: Schema, name: string | undefined): boolean =>
  schema.format === 'int-or-string' ||
  schema['x-kubernetes-int-or-string'] === true ||
  (name !== undefined && name.endsWith('.Quantity'));

function makeType(schema: Schema, options: TypeOptions, typeOf: (schema: Schema) => TypeSchema): TypeSchema {
  const name = refName(schema);
  if (name !== undefined) {
    const target = options.resolve(name);
    if (!target || isUntypedScalar(target, name)) return target ? { scalar: 'untyped' } : deducedType;
    const mapType = schema['x-kubernetes-map-type'];
    return typeOf(mapType === undefined ? target : { ...target, 'x-kubernetes-map-type': mapType });
  }
  if (isUntypedScalar(schema, undefined)) return { scalar: 'untyped' };
  const scalar = schema.type === undefined ? undefined : scalars[schema.type];
  if (scalar) return { scalar };
  if (schema.type === 'array') return lazily('list', () => listOf(schema, options, typeOf));
  const preserves = schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (schema.properties || schema.additionalProperties) return lazily('map', () => mapOf(schema, options, typeOf));
  return preserves ? deducedType : atomicType;
}

function lazily<K extends 'list' | 'map'>(kind: K, make: () => NonNullable<TypeSchema[K]>): TypeSchema {
  let made: TypeSchema[K];
  return Object.defineProperty({}, kind, { enumerable: true, get: () => (made ??= make()) });
}

function listOf(schema: Schema, { resolve, structs }: TypeOptions, typeOf: (schema: Schema) => TypeSchema): ListType {
  const items = schema.items ?? {};
  const listType = schema['x-kubernetes-list-type'];
  const members = (refName(items) === undefined ? items : resolve(refName(items)!))?.properties ?? {};
  const keys = [...(schema['x-kubernetes-list-map-keys'] ?? [])].sort().map((name): ListKey => {
    const fallback = Object.hasOwn(members, name) ? members[name]?.default : undefined;
    return fallback === undefined ? { name } : { name, default: fallback };
  });
  const isMap = listType === 'map' && keys.length > 0;
  return {
    relationship: isMap ? 'map' : listType === 'set' ? 'set' : 'atomic',
    keys,
    item: typeOf(items),
    omitEmpty: structs,
  };
}

function mapOf(schema: Schema, { structs }: TypeOptions, typeOf: (schema: Schema) => TypeSchema): MapType {
  const { properties = {}, additionalProperties, required = [] } = schema;
  const preserves = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const fields = new Map<string, FieldType>();
  const presentFields: string[] = [];
  for (const [name, property] of Object.entries(properties)) {
    const isStruct = structs && isEmptyObject(property.default);
    const isList = structs && property.type === 'array' && required.includes(name);
    if (isStruct) presentFields.push(name);
    fields.set(name, {
      type: typeOf(property),
      element: fieldElement(name),
      whenMissing: isStruct ? {} : isList ? [] : undefined,
    });
  }
  return {
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    fields,
    element: additionalProperties ? typeOf(additionalProperties) : preserves ? deducedType : undefined,
    omitEmpty: structs && schema.properties === undefined,
    presentFields,
  };
}

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;
