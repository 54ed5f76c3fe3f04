/** Paths to values, as field errors print them: `spec.list[0].name`; a key of a map stands in brackets: `spec.map[key]`. */
import { type JsonSchema, own } from './json-schema';

export const childPath = (path: string, name: string): string => (path ? `${path}.${name}` : name);
export const keyPath = (path: string, key: string): string => `${path}[${key}]`;
export const indexPath = (path: string, index: number): string => `${path}[${index}]`;

/** Of a property, or of a key if the schema takes others than its properties. */
export const memberPath = (schema: JsonSchema, path: string, name: string): string =>
  own(schema.properties, name) ? childPath(path, name) : keyPath(path, name);
