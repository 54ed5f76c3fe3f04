/** The types and conversions of a kind's versions, from its definition. */
import { findDefinition } from '../../../api/schema/definitions';
import type { Definitions, Schema } from '../../../api/schema/schema';
import { apiVersionOf, type ResourceDefinition } from '../../../api/meta/resource-definition';
import { createTypes, deducedType, type TypeSchema } from './type-schema';
import type { Versions } from './versions';

const builtInTypes = createTypes({ resolve: findDefinition, structs: true });

const typeOfBuiltIn = (schemaName: string): TypeSchema => {
  const schema = findDefinition(schemaName);
  return schema ? builtInTypes(schema) : deducedType;
};

export function versionsOf(definition: ResourceDefinition): Versions {
  return definition.custom ? versionsOfCustom(definition) : versionsOfBuiltIn(definition);
}

function versionsOfBuiltIn(definition: ResourceDefinition): Versions {
  const others = new Map(
    (definition.servedVersions ?? []).map((served) => [apiVersionOf(served.group, served.version), served]),
  );
  const isStored = (apiVersion: string): boolean => apiVersion === definition.apiVersion;
  return {
    typeOf: (apiVersion) => {
      const schema = isStored(apiVersion) ? definition.schema : others.get(apiVersion)?.schema;
      return schema === undefined ? undefined : typeOfBuiltIn(schema);
    },
    convert: (object, from, to) => {
      const stored = isStored(from) ? object : others.get(from)!.decode(object);
      return isStored(to) ? stored : others.get(to)!.encode(stored);
    },
  };
}

/** What is defined at run time has a definition for each version; `custom.versions` knows the others. */
function versionsOfCustom(definition: ResourceDefinition): Versions {
  const { custom, schema, apiVersion: own } = definition;
  const typeOf = (definitions: Definitions, name: string): TypeSchema => {
    const resolve = (ref: string): Schema | undefined =>
      Object.hasOwn(definitions, ref) ? definitions[ref] : findDefinition(ref);
    const found = resolve(name);
    return found?.properties ? createTypes({ resolve, structs: false })(found) : deducedType;
  };
  const types = new Map<string, TypeSchema | undefined>();
  return {
    typeOf(apiVersion) {
      if (!types.has(apiVersion)) {
        const other = apiVersion === own ? definition : custom?.versions?.find(apiVersion);
        types.set(apiVersion, other?.custom && typeOf(other.custom.openApi('v3'), other.schema ?? schema));
      }
      return types.get(apiVersion);
    },
    convert: (object, _from, to) => custom!.versions!.convert(object, to),
  };
}
