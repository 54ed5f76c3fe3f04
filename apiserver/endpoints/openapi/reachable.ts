/** Which definitions a set of paths needs: those it names, and all that those refer to. */
import { type Definitions, refName, type Schema } from '../../../api/schema/schema';
import type { Path } from './operations';

/** Sorted by name. Names without a definition (custom resources bring their own) are left out. */
export function reachableDefinitions(paths: readonly Path[], definitions: Definitions): Record<string, Schema> {
  const found = new Map<string, Schema>();
  const visit = (name: string): void => {
    const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
    if (!definition || found.has(name)) return;
    found.set(name, definition);
    visitSchema(definition);
  };
  const visitSchema = (schema: Schema): void => {
    const target = refName(schema);
    if (target !== undefined) visit(target);
    if (schema.items) visitSchema(schema.items);
    if (schema.additionalProperties) visitSchema(schema.additionalProperties);
    for (const property of Object.values(schema.properties ?? {})) visitSchema(property);
  };
  for (const { operations } of paths) {
    for (const { body, response } of Object.values(operations)) {
      if (body !== undefined) visit(body);
      if (response !== undefined) visit(response);
    }
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}
