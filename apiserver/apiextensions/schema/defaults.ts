/** Default values of structural schemas. Upstream: apiextensions-apiserver `schema/defaulting`. */
import { cloneJson } from '../../../api/meta/json';
import { additionalOf, isJsonObject, type JsonSchema, memberOf, own, setMember } from './json-schema';

/** True for a null that the schema does not allow, which then counts as missing. */
const isForbiddenNull = (value: unknown, schema: JsonSchema | undefined): boolean =>
  value === null && schema !== undefined && !schema.nullable;

/** Fills in what is missing, in place. Defaults inside of a default value apply too. */
export function applyDefaults(value: unknown, schema: JsonSchema | undefined): void {
  if (!schema) return;
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      if (isForbiddenNull(item, schema.items)) value[index] = cloneJson(schema.items?.default ?? null);
      applyDefaults(value[index], schema.items);
    });
  } else if (isJsonObject(value)) {
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      if (property.default === undefined || property.default === null) continue;
      if (!Object.hasOwn(value, name) || isForbiddenNull(value[name], property)) {
        setMember(value, name, cloneJson(property.default));
      }
    }
    for (const name of Object.keys(value)) {
      const additional = own(schema.properties, name) ? undefined : additionalOf(schema);
      if (isForbiddenNull(value[name], additional)) setMember(value, name, cloneJson(additional?.default ?? null));
      applyDefaults(value[name], memberOf(schema, name));
    }
  }
}

/** Drops the nulls that are not allowed and that no default replaces, in place. Without this they would be type errors. */
export function dropForbiddenNulls(value: unknown, schema: JsonSchema | undefined): void {
  if (!schema) return;
  if (Array.isArray(value)) value.forEach((item) => dropForbiddenNulls(item, schema.items));
  else if (isJsonObject(value)) {
    for (const name of Object.keys(value)) {
      const property = own(schema.properties, name);
      const hasDefault = property?.default !== undefined && property.default !== null;
      if (isForbiddenNull(value[name], property) && !hasDefault) delete value[name];
      else dropForbiddenNulls(value[name], property ?? additionalOf(schema));
    }
  }
}
