/**
 * `application/strategic-merge-patch+json`: merging that knows which lists are maps by a key. The algorithm, its
 * directives and their order are those of apimachinery `pkg/util/strategicpatch` as the API server applies it (nulls that
 * match nothing are ignored).
 *
 * Directives: `$patch: replace|delete` in an object or a list entry, `$retainKeys`, `$setElementOrder/<list>`,
 * `$deleteFromPrimitiveList/<list>`.
 */
import { cloneJson, deepEqual } from '../../api/meta/json';
import { newBadRequest, newUnsupportedMediaType } from '../../api/meta/status-error';
import { newUnprocessablePatch, refuseHostilePatch } from './patch-errors';
import { findPatchSchema, type PatchSchema } from './patch-schema';
import { dropDirectives, extractDirectiveKey, isDirective, type JsonObject, withoutNulls } from './patch-directives';
import { inOrder, matchesSetElementOrder } from './list-order';

const deleteFromPrefix = '$deleteFromPrimitiveList';
const orderPrefix = '$setElementOrder';

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The patched copy of `current`. Throws UnsupportedMediaType if there is no such schema (custom resources), BadRequest for
 * malformed patches, and 422 for patches that do not fit.
 */
export function applyStrategicMergePatch<T>(current: T, patch: unknown, schemaName: string | undefined): T {
  const schema = schemaName === undefined ? undefined : findPatchSchema(schemaName);
  if (!schema) {
    throw newUnsupportedMediaType(
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    );
  }
  if (!isObject(patch)) throw newBadRequest('invalid JSON document');
  refuseHostilePatch(patch);
  return mergeObject(cloneJson(current) as JsonObject, cloneJson(patch), schema) as T;
}

/** Merges `patch` into `original`. Both are consumed. */
function mergeObject(original: JsonObject, patch: JsonObject, schema: PatchSchema): JsonObject {
  if (Object.hasOwn(patch, '$patch')) {
    const { $patch: directive, ...rest } = patch;
    if (directive === 'replace') return rest;
    if (directive === 'delete') return {};
    throw newUnprocessablePatch(`unknown patch type: ${String(directive)} in map: ${JSON.stringify(patch)}`);
  }
  applyRetainKeys(original, patch);
  mergeOrderedLists(original, patch, schema);
  for (const [patchKey, value] of Object.entries(patch)) {
    const deletes = patchKey.startsWith(deleteFromPrefix);
    const key = deletes ? extractDirectiveKey(patchKey, deleteFromPrefix) : patchKey;
    if (value === null) {
      delete original[key];
      continue;
    }
    const old = Object.hasOwn(original, key) ? original[key] : undefined;
    if (Array.isArray(value) && Array.isArray(old)) {
      original[key] = deletes ? deleteFromList(old, value) : mergeList(old, value, schema.field(key));
    } else if (deletes) {
      if (!Array.isArray(value)) throw newBadRequest('invalid patch format of primitive list');
    } else if (isObject(value) && isObject(old)) {
      const field = schema.field(key);
      original[key] = field.strategy === 'replace' ? value : mergeObject(old, value, field);
    } else {
      const kept = dropDirectives(withoutNulls(value));
      if (kept === undefined) delete original[key];
      else original[key] = kept;
    }
  }
  return original;
}

/** `$retainKeys` lists every member that may stay; what the patch sets must be among them. */
function applyRetainKeys(original: JsonObject, patch: JsonObject): void {
  if (!Object.hasOwn(patch, '$retainKeys')) return;
  const keys = patch['$retainKeys'];
  delete patch['$retainKeys'];
  const malformed = newBadRequest('invalid patch format of retainKeys');
  if (!Array.isArray(keys)) throw malformed;
  const retained = new Set<unknown>(keys);
  for (const [key, value] of Object.entries(patch)) {
    if (value !== null && !isDirective(key) && !retained.has(key)) throw malformed;
  }
  for (const key of Object.keys(original)) if (!retained.has(key)) delete original[key];
}

/** Lists with a `$setElementOrder` are merged with it, and taken out of the patch. */
function mergeOrderedLists(original: JsonObject, patch: JsonObject, schema: PatchSchema): void {
  for (const [directive, order] of Object.entries(patch)) {
    if (!directive.startsWith(orderPrefix)) continue;
    delete patch[directive];
    const key = extractDirectiveKey(directive, orderPrefix);
    const old = Object.hasOwn(original, key) ? original[key] : undefined;
    const changes = Object.hasOwn(patch, key) ? patch[key] : undefined;
    const isList = (value: unknown): boolean => value === undefined || Array.isArray(value);
    if (!Array.isArray(order) || !isList(old)) throw newBadRequest('invalid patch format of setElementOrder list');
    // A null that removes the list, or a value of another type, is left to the ordinary merge.
    if (!isList(changes)) continue;
    if (old === undefined && changes === undefined) continue;
    const field = schema.field(key);
    const oldList = (old ?? []) as unknown[];
    const changeList = (changes ?? []) as unknown[];
    if (!matchesSetElementOrder(changeList, order, field.mergeKey)) {
      throw newUnprocessablePatch(
        `The order in patch list:\n${JSON.stringify(changeList)}\n doesn't match ${orderPrefix} list:\n${JSON.stringify(order)}\n`,
      );
    }
    let merged = oldList;
    if (old === undefined) merged = (dropDirectives(withoutNulls(changeList)) as unknown[] | undefined) ?? [];
    else if (changes !== undefined) merged = mergeList([...oldList], changeList, field);
    original[key] = inOrder(merged, order, oldList, field.mergeKey);
    delete patch[key];
  }
}

/** Lists merge if the field's strategy says so, else the patch replaces. New entries come first, as upstream puts them. */
function mergeList(original: unknown[], patch: unknown[], field: PatchSchema): unknown[] {
  if (field.strategy !== 'merge') return patch;
  if (original.length === 0 && patch.length === 0) return original;
  const entries = [...original, ...patch];
  if (entries.some(Array.isArray)) throw newUnprocessablePatch('lists of lists are not supported');
  if (!entries.every(isObject)) {
    if (entries.some(isObject)) throw newUnprocessablePatch('list element types are not identical');
    return inOrder([...new Set(entries)], patch, original, undefined);
  }
  const { mergeKey } = field;
  if (mergeKey === undefined) throw newUnprocessablePatch(`cannot merge lists without merge key for ${field.name}`);
  const { kept, changes, replaces } = applyEntryDirectives(original as JsonObject[], patch as JsonObject[], mergeKey);
  if (replaces) return changes;
  const merged: JsonObject[] = [...kept];
  for (const change of changes) {
    const value = mergeKeyOf(change, mergeKey);
    const index = merged.findIndex((entry) => deepEqual(entry[mergeKey], value));
    if (index < 0) merged.push(dropDirectives(withoutNulls(change)) as JsonObject);
    else merged[index] = mergeObject(merged[index]!, { ...change }, field);
  }
  return inOrder(merged, changes, kept, mergeKey);
}

/** Entries with `$patch: delete` remove their namesakes; one with `$patch: replace` replaces the whole list. */
function applyEntryDirectives(
  original: JsonObject[],
  patch: JsonObject[],
  mergeKey: string,
): { kept: JsonObject[]; changes: JsonObject[]; replaces: boolean } {
  let kept = original;
  let replaces = false;
  const changes: JsonObject[] = [];
  for (const entry of patch) {
    const directive = entry['$patch'];
    if (directive === undefined) {
      changes.push(entry);
    } else if (directive === 'delete') {
      const value = mergeKeyOf(entry, mergeKey);
      kept = kept.filter((candidate) => !deepEqual(candidate[mergeKey], value));
    } else if (directive === 'replace') {
      replaces = true;
    } else if (directive === 'merge') {
      throw newUnprocessablePatch('merging lists cannot yet be specified in the patch');
    } else {
      throw newUnprocessablePatch(`unknown patch type: ${String(directive)} in map: ${JSON.stringify(entry)}`);
    }
  }
  return { kept, changes, replaces };
}

function mergeKeyOf(entry: JsonObject, mergeKey: string): unknown {
  if (Object.hasOwn(entry, mergeKey)) return entry[mergeKey];
  throw newUnprocessablePatch(`map: ${JSON.stringify(entry)} does not contain declared merge key: ${mergeKey}`);
}

const deleteFromList = (original: unknown[], values: unknown[]): unknown[] => {
  if ([...original, ...values].some((value) => typeof value === 'object')) {
    throw newBadRequest('invalid patch format of primitive list');
  }
  return original.filter((value) => !values.includes(value));
};
