/** `application/merge-patch+json`: RFC 7386. Null removes, objects merge, everything else replaces. */
import { cloneJson } from '../../api/meta/json';
import { newBadRequest } from '../../api/meta/status-error';
import { refuseHostilePatch } from './patch-errors';

type JsonObject = Record<string, unknown>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The patched copy of `current`. Throws BadRequest if the patch is no object. */
export function applyMergePatch<T>(current: T, patch: unknown): T {
  if (!isObject(patch)) throw newBadRequest('Invalid JSON Patch');
  refuseHostilePatch(patch);
  return merge(cloneJson(current), patch) as T;
}

function merge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = isObject(target) ? target : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = merge(Object.hasOwn(merged, key) ? merged[key] : undefined, value);
  }
  return merged;
}
