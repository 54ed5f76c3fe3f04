/**
 * The CEL types of kinds, from their OpenAPI definitions: what type checking of policies compares expressions with.
 * Definitions refer to each other, also in circles: fields are made when they are first asked for.
 */
import { refName, type Schema } from '../../api/schema/schema';
import { type CelType, type FieldType, type ObjectType, types } from './types';

export interface OpenApiTypes {
  /** Undefined for an unknown definition. */
  typeOf(definition: string): CelType | undefined;
}

/** `nameOf` gives the name of a property in expressions; undefined where it cannot be written. */
export function createOpenApiTypes(
  find: (definition: string) => Schema | undefined,
  nameOf: (property: string) => string | undefined,
): OpenApiTypes {
  const known = new Map<string, CelType>();

  const typeOf = (definition: string): CelType | undefined => {
    const made = known.get(definition);
    if (made) return made;
    const schema = find(definition);
    if (!schema) return undefined;
    const type = typeOfSchema(schema, definition);
    known.set(definition, type);
    return type;
  };

  const typeOfSchema = (schema: Schema, name: string): CelType => {
    const reference = refName(schema);
    if (reference !== undefined) return typeOf(reference) ?? types.dyn;
    if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string') return types.dyn;
    switch (schema.type) {
      case 'array':
        return types.list(schema.items ? typeOfSchema(schema.items, `${name}.@idx`) : types.dyn);
      case 'string':
        return textTypes[schema.format ?? ''] ?? types.string;
      case 'integer':
        return types.int;
      case 'number':
        return types.double;
      case 'boolean':
        return types.bool;
      default:
        return typeOfObject(schema, name);
    }
  };

  const typeOfObject = (schema: Schema, name: string): CelType => {
    if (schema.additionalProperties) {
      return types.map(types.string, typeOfSchema(schema.additionalProperties, `${name}.@elem`));
    }
    const { properties } = schema;
    if (!properties || schema['x-kubernetes-preserve-unknown-fields']) return types.dyn;
    let fields: Map<string, FieldType> | undefined;
    const type: ObjectType = {
      kind: 'object',
      name,
      get fields() {
        return (fields ??= fieldsOf(properties, name));
      },
    };
    return type;
  };

  const fieldsOf = (properties: Record<string, Schema>, parent: string): Map<string, FieldType> => {
    const fields = new Map<string, FieldType>();
    for (const [jsonName, property] of Object.entries(properties)) {
      const name = nameOf(jsonName);
      if (name !== undefined) fields.set(name, { jsonName, type: typeOfSchema(property, `${parent}.${jsonName}`) });
    }
    return fields;
  };

  return { typeOf };
}

const textTypes: Readonly<Record<string, CelType | undefined>> = {
  byte: types.bytes,
  date: types.timestamp,
  'date-time': types.timestamp,
  duration: types.duration,
};
