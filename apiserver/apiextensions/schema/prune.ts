/** Drops what a structural schema does not specify. Upstream: apiextensions-apiserver `schema/pruning/algorithm.go`. */
import { additionalOf, isJsonObject, isTypeOrObjectMeta, type JsonSchema, own } from './json-schema';

/**
 * Prunes a whole object in place; its apiVersion, kind and metadata stay. Gives the paths of what was dropped, sorted, as
 * strict decoding prints them: `spec.list[0].name`.
 */
export function pruneUnknownFields(object: unknown, schema: JsonSchema): string[] {
  const dropped: string[] = [];
  prune(object, { ...schema, 'x-kubernetes-embedded-resource': true }, '', dropped);
  return dropped.sort();
}

/** Undefined is a schema that specifies nothing. `keep`: what stands around the list keeps unknown fields of its items. */
function prune(
  value: unknown,
  schema: JsonSchema | undefined,
  path: string,
  dropped: string[],
  keep = schema?.['x-kubernetes-preserve-unknown-fields'] === true,
): void {
  if (Array.isArray(value)) {
    const keepsItems = keep || undefined;
    value.forEach((item, index) => prune(item, schema?.items, `${path}[${index}]`, dropped, keepsItems));
    return;
  }
  if (!isJsonObject(value)) return;
  const embedded = schema?.['x-kubernetes-embedded-resource'] === true;
  for (const name of Object.keys(value)) {
    if (embedded && isTypeOrObjectMeta(name)) continue;
    const memberPath = path ? `${path}.${name}` : name;
    const property = own(schema?.properties, name);
    if (property) prune(value[name], property, memberPath, dropped);
    else if (schema?.additionalProperties) prune(value[name], additionalOf(schema), memberPath, dropped);
    else if (!keep) {
      delete value[name];
      dropped.push(memberPath);
    }
  }
}
