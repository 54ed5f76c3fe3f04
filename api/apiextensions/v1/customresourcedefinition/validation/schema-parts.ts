/** Reading a schema: its parts that are schemas, whatever form they come in. */
import type { FieldPath } from '../../../../meta/field-error';
import type { JsonSchemaProps } from '../types';

/** Undefined for a boolean, a list and nothing. */
export const schemaOf = (value: unknown): JsonSchemaProps | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;

export type PlacedSchema = readonly [schema: JsonSchemaProps, path: FieldPath];

export function mapOf(schemas: Record<string, unknown> | undefined, path: FieldPath): PlacedSchema[] {
  return Object.entries(schemas ?? {}).flatMap(([key, value]) => placed(value, path.key(key)));
}

export const listOf = (schemas: readonly unknown[] | undefined, path: FieldPath): PlacedSchema[] =>
  (schemas ?? []).flatMap((value, index) => placed(value, path.index(index)));

/** `items` with one schema; upstream refuses lists of them. */
export const itemsOf = ({ items }: JsonSchemaProps): JsonSchemaProps | undefined => schemaOf(items);

export function placed(value: unknown, path: FieldPath): PlacedSchema[] {
  const schema = schemaOf(value);
  return schema ? [[schema, path]] : [];
}

/** A default of null counts as none. */
export const hasDefault = (schema: JsonSchemaProps): boolean => schema.default !== undefined && schema.default !== null;
