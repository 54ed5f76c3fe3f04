/** The OpenAPI definitions of all built-in types, loaded when first asked for. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { generateDefinitions } from './generate';
import type { Definitions, Schema } from './schema';

const once = <T>(make: () => T): (() => T) => {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
};

/** All definitions. The build wrote them beside the compiled code; run from source, they are generated in memory. */
export const definitions: () => Definitions = once(() => {
  let text: string;
  try {
    text = readFileSync(path.join(__dirname, '..', 'openapi-definitions.json'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return generateDefinitions();
  }
  return JSON.parse(text) as Definitions;
});

/** The definition of that name, if the API has one. */
export function findDefinition(name: string): Schema | undefined {
  const all = definitions();
  return Object.hasOwn(all, name) ? all[name] : undefined;
}
