/**
 * `application/json-patch+json`: RFC 6902, with upstream's bounds on the number of operations and on how much `copy` may
 * add, so that a small request cannot make a huge object.
 */
import { applyOperation, getValueByPointer, type Operation } from 'fast-json-patch';
import { cloneJson } from '../../api/meta/json';
import { newBadRequest, newRequestEntityTooLarge } from '../../api/meta/status-error';
import { isPrototypeKey, newUnprocessablePatch, refuseHostilePatch } from './patch-errors';

const maxOperations = 10_000;
const maxCopiedBytes = 3 * 1024 * 1024;

/**
 * The patched copy of `current`. Throws BadRequest for what is no JSON patch, RequestEntityTooLarge for too many
 * operations, and 422 for operations that do not apply; then nothing is changed.
 */
export function applyJsonPatch<T>(current: T, patch: unknown): T {
  if (!Array.isArray(patch)) {
    const found = patch === null ? 'null' : typeof patch;
    throw newBadRequest(`json: cannot unmarshal ${found} into Go value of type jsonpatch.Patch`);
  }
  if (patch.length > maxOperations) {
    throw newRequestEntityTooLarge(
      `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`,
    );
  }
  refuseHostilePatch(patch);
  const operations = patch as Operation[];
  operations.forEach(refusePrototypePaths);
  // Operations change the document in place: also where copies are shared, if they reach there.
  const reachesShared = operations.some((operation) => JSON.stringify(operation).includes('fieldsV1'));
  let document = reachesShared ? (JSON.parse(JSON.stringify(current)) as T) : cloneJson(current);
  let copiedBytes = 0;
  for (const [index, operation] of operations.entries()) {
    try {
      if (operation.op === 'copy') copiedBytes += sizeOf(getValueByPointer(document, operation.from));
      if (copiedBytes > maxCopiedBytes) {
        throw new Error(
          `Unable to complete the copy, the accumulated size increase of copy is ${copiedBytes}, exceeding the limit ${maxCopiedBytes}`,
        );
      }
      document = applyOperation(document, operation, true, true, true, index).newDocument;
    } catch (error) {
      // The other lines show operation and object, which may be secret.
      const [what] = (error as Error).message.split('\n');
      throw newUnprocessablePatch(`operation ${index}: ${what}`);
    }
  }
  return document;
}

const sizeOf = (value: unknown): number => (value === undefined ? 0 : JSON.stringify(value).length);

function refusePrototypePaths(operation: Operation | null): void {
  const { path, from } = (operation ?? {}) as { path?: unknown; from?: unknown };
  for (const pointer of [path, from]) {
    if (typeof pointer !== 'string') continue;
    const names = pointer.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    const hostile = names.find(isPrototypeKey);
    if (hostile) throw newBadRequest(`the patch contains the key ${JSON.stringify(hostile)}, which is not allowed`);
  }
}
