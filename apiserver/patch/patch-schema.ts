/** How each field merges in a strategic merge patch, read from the OpenAPI definitions as the patch descends. */
import { findDefinition } from '../../api/schema/definitions';
import { refName, type Schema } from '../../api/schema/schema';

/** The merge facts of one field, and the way down into its members or its list's entries. */
export interface PatchSchema {
  /** For messages: the definition's name, or the field's. */
  name: string;
  /** `retainKeys` is not among them: that directive works wherever a patch uses it. */
  strategy: 'merge' | 'replace' | undefined;
  mergeKey: string | undefined;
  field(key: string): PatchSchema;
}

/** The schema of a whole object, or undefined if there is no such definition. */
export function findPatchSchema(schemaName: string): PatchSchema | undefined {
  const definition = findDefinition(schemaName);
  return definition && patchSchema(schemaName, definition);
}

function patchSchema(name: string, schema: Schema): PatchSchema {
  const strategies = schema['x-kubernetes-patch-strategy']?.split(',') ?? [];
  return {
    name,
    strategy: strategies.includes('merge') ? 'merge' : strategies.includes('replace') ? 'replace' : undefined,
    mergeKey: schema['x-kubernetes-patch-merge-key'],
    field: (key) => {
      const members = resolve(schema.items ?? schema);
      const properties = members.properties ?? {};
      const field = Object.hasOwn(properties, key) ? properties[key] : members.additionalProperties;
      return patchSchema(key, field ?? {});
    },
  };
}

const resolve = (schema: Schema): Schema => {
  const name = refName(schema);
  return name === undefined ? schema : (findDefinition(name) ?? {});
};
