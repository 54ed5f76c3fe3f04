/** Default values of structural schemas. Upstream: apiextensions-apiserver `schema/defaulting`. */
import { cloneJson } from '../../../api/meta/json';
import { additionalOf, isJsonObject, type JsonSchema, memberOf, own, setMember } from './json-schema';

/** True for a null that the schema does not allow, which then counts as missing. */
const isForbiddenNull = (value: unknown, schema: JsonSchema | undefined): boolean =>
  value === null && schema !== undefined && !schema.nullable;

/** Fills in what is missing, in place; true if there was something. Defaults inside of a default value apply too. */
export function applyDefaults(value: unknown, schema: JsonSchema | undefined): boolean {
  if (!schema) return false;
  let changed = false;
  if (Array.isArray(value)) {
    const { items } = schema;
    value.forEach((item, index) => {
      if (isForbiddenNull(item, items) && hasDefault(items)) {
        value[index] = cloneJson(items.default);
        changed = true;
      }
      changed = applyDefaults(value[index], items) || changed;
    });
  } else if (isJsonObject(value)) {
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      if (!hasDefault(property)) continue;
      if (Object.hasOwn(value, name) && !isForbiddenNull(value[name], property)) continue;
      setMember(value, name, cloneJson(property.default));
      changed = true;
    }
    for (const name of Object.keys(value)) {
      const additional = own(schema.properties, name) ? undefined : additionalOf(schema);
      if (isForbiddenNull(value[name], additional) && hasDefault(additional)) {
        setMember(value, name, cloneJson(additional.default));
        changed = true;
      }
      changed = applyDefaults(value[name], memberOf(schema, name)) || changed;
    }
  }
  return changed;
}

const hasDefault = (schema: JsonSchema | undefined): schema is JsonSchema =>
  schema?.default !== undefined && schema.default !== null;

/**
 * Drops the nulls that are not allowed and that no default replaces, in place; true if there were any. Without this they would be
 * type errors.
 */
export function dropForbiddenNulls(value: unknown, schema: JsonSchema | undefined): boolean {
  if (!schema) return false;
  let changed = false;
  if (Array.isArray(value)) {
    for (const item of value) changed = dropForbiddenNulls(item, schema.items) || changed;
  } else if (isJsonObject(value)) {
    for (const name of Object.keys(value)) {
      const property = own(schema.properties, name);
      if (isForbiddenNull(value[name], property) && !hasDefault(property)) {
        delete value[name];
        changed = true;
      } else changed = dropForbiddenNulls(value[name], property ?? additionalOf(schema)) || changed;
    }
  }
  return changed;
}
