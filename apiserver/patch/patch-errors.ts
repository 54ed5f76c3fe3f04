/** The errors of patches that cannot be applied, and the checks that refuse hostile ones before any work is done. */
import { newBadRequest, StatusError } from '../../api/meta/status-error';

/** Deeper patches would exhaust the stack of whoever walks them; no Kubernetes object is a tenth as deep. */
const maxPatchDepth = 1000;

/**
 * 422 for a patch that does not fit the object. Upstream hides the reason from the client behind this text; it is kept as
 * the cause, for logs.
 */
export const newUnprocessablePatch = (reason: string): StatusError =>
  new StatusError(
    422,
    'Invalid',
    'the server rejected our request due to an error in our request',
    {},
    { cause: new Error(reason) },
  );

/** Names that reach an object's prototype when a path is followed carelessly. */
export const isPrototypeKey = (key: string): boolean =>
  key === '__proto__' || key === 'constructor' || key === 'prototype';

/** Throws BadRequest if a patch nests too deep or names a prototype anywhere. */
export function refuseHostilePatch(patch: unknown): void {
  let level: unknown[] = [patch];
  for (let depth = 0; level.length; depth++) {
    if (depth > maxPatchDepth) throw newBadRequest(`the patch exceeds the maximum depth of ${maxPatchDepth}`);
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      if (!Array.isArray(value)) Object.keys(value).forEach(refusePrototypeKey);
      for (const child of Object.values(value) as unknown[]) {
        if (typeof child === 'object' && child !== null) next.push(child);
      }
    }
    level = next;
  }
}

function refusePrototypeKey(key: string): void {
  if (isPrototypeKey(key))
    throw newBadRequest(`the patch contains the key ${JSON.stringify(key)}, which is not allowed`);
}
