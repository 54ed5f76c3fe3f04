/** Errors about revisions, in upstream's words (`storage/errors.go`, `storage/etcd3/errors.go`). */
import { newBadRequest, newResourceExpired, newTimeout, type StatusError } from '../../api/meta/status-error';
import { encodeContinue } from './continue-token';

/** A watch ends that could have gone on: what it is about is served in another way now, or not at all. No client is told why. */
export class WatchEnded extends Error {}

/** A list at a revision that etcd has compacted. */
export const newListExpired = (): StatusError =>
  newResourceExpired('The resourceVersion for the provided list is too old.');

/** A watch whose revision fell out of the window or was compacted. */
export const newWatchExpired = (revision: number, oldest: number): StatusError =>
  newResourceExpired(`too old resource version: ${revision} (${oldest})`);

/** A continued page whose revision was compacted. The Status carries a token that goes on without consistency. */
export function newContinueExpired(start: string): StatusError {
  const error = newResourceExpired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
      'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
      'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
      'deleted between the time the first chunk was returned and now may show up in the list.',
  );
  error.status.metadata.continue = encodeContinue({ revision: -1, start });
  return error;
}

/** A revision that storage has not reached. */
export function newTooLargeResourceVersion(wanted: number, current: number): StatusError {
  const error = newTimeout(`Too large resource version: ${wanted}, current: ${current}`, 1);
  error.status.details!.causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  return error;
}

const maxUint64 = 2n ** 64n - 1n;

/** A resourceVersion parameter as a number; what no etcd reaches is the largest that is exact. Throws BadRequest. */
export function parseRevision(text: string): number {
  const quoted = JSON.stringify(text);
  const refuse = (why: string): Error =>
    newBadRequest(`resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: ${why}`);
  if (!/^\d+$/.test(text)) throw refuse('invalid syntax');
  const digits = text.replace(/^0+(?=\d)/, '');
  if (digits.length > 20 || (digits.length === 20 && BigInt(digits) > maxUint64)) throw refuse('value out of range');
  return Math.min(Number(digits), Number.MAX_SAFE_INTEGER);
}
