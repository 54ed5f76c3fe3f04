/** Paths to fields that a schema has: `.spec.color`, `['spec']['foo.bar']`. Upstream: `cel.ValidFieldPath`. */
import type { JsonSchemaProps } from '../types';
import { schemaOf } from './schema-parts';

export type ResolvedPath = { names: string[]; schema: JsonSchemaProps } | { problem: string };

const token = /[.[\]]|'(?:\\.|[^'\\])*'|[^.[\]]+/gy;
const nowhere = 'does not refer to a valid field';

/** Follows `text` through properties and additionalProperties. */
export function resolveFieldPath(
  text: string,
  schema: JsonSchemaProps,
  { arrayNotation = true }: { arrayNotation?: boolean } = {},
): ResolvedPath {
  const tokens = (text.match(token) ?? []).values();
  const next = (): string | undefined => tokens.next().value;
  const names: string[] = [];
  let current = schema;
  for (let mark = next(); mark !== undefined; mark = next()) {
    let name = next();
    if (mark !== '.' && mark !== '[') return { problem: `expected [ or . but got: ${mark}` };
    if (mark === '[' && !arrayNotation) return { problem: 'array notation is not allowed' };
    if (name === undefined) return { problem: 'unexpected end of JSON path' };
    if (mark === '[') {
      if (!/^'.*'$/s.test(name)) return { problem: `expected single quoted string but got ${name}` };
      name = name.slice(1, -1).replace(/\\(['\\])/g, '$1');
      const end = next();
      if (end !== ']')
        return { problem: end === undefined ? 'unexpected end of JSON path' : `expected ] but got ${end}` };
    }
    const member = memberOf(current, name);
    if (!member) return { problem: nowhere };
    names.push(name);
    current = member;
  }
  return names.length ? { names, schema: current } : { problem: 'unexpected end of JSON path' };
}

const memberOf = (schema: JsonSchemaProps, name: string): JsonSchemaProps | undefined =>
  schema.properties
    ? schemaOf(Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined)
    : schemaOf(schema.additionalProperties);
