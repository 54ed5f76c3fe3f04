/** What can go wrong between the apiserver and etcd, and how clients are told. */
import { newServiceUnavailable, newTimeout, newTooManyRequests, StatusError } from '../../api/meta/status-error';

/**
 * - `compacted`, `future`: the revision asked for is no longer, or not yet, there
 * - `lease`: the lease is gone; nothing was written
 * - `unsent`: the request never left; repeating it is safe
 * - `ambiguous`: the connection broke or time ran out; a write may or may not have happened
 * - `refused`: etcd answered no (out of space, too many requests, …); nothing was written
 */
export type EtcdFailure = 'compacted' | 'future' | 'lease' | 'unsent' | 'ambiguous' | 'refused';

export class EtcdRequestError extends Error {
  override readonly name = 'EtcdRequestError';

  constructor(
    readonly failure: EtcdFailure,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export const isEtcdFailure = (error: unknown, ...failures: EtcdFailure[]): error is EtcdRequestError =>
  error instanceof EtcdRequestError && failures.includes(error.failure);

// grpc-js fails calls with these before anything was sent.
const unsentTexts = [
  'No connection established',
  'Channel closed before call started',
  'Name resolution failed',
  'Waiting for LB pick',
];

// grpc status codes whose outcome is unknown: CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, ABORTED, INTERNAL, UNAVAILABLE.
const ambiguousNames = new Set([
  'GRPCCancelledError',
  'GRPCUnknownError',
  'GRPCDeadlineExceededError',
  'GRPCAbortedError',
  'GRPCInternalError',
  'GRPCUnavailableError',
  'GRPCGenericError',
  'GRPCProtocolError',
]);

/** Sorts an error of the etcd client by what it means. */
export function classifyEtcdError(cause: unknown): EtcdRequestError {
  if (cause instanceof EtcdRequestError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  const failure = ((): EtcdFailure => {
    if (message.includes('required revision has been compacted')) return 'compacted';
    if (message.includes('required revision is a future revision')) return 'future';
    if (message.includes('requested lease not found')) return 'lease';
    if (unsentTexts.some((text) => message.includes(text))) return 'unsent';
    if (cause instanceof Error && ambiguousNames.has(cause.constructor.name)) return 'ambiguous';
    return 'refused';
  })();
  return new EtcdRequestError(failure, message, { cause });
}

/**
 * The answer for a request that etcd failed. Neither 503 nor 504 carry a Retry-After: client-go would repeat the write by
 * itself, and after an ambiguous error only the user may decide that.
 */
export function etcdStatusError(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  const etcdError = classifyEtcdError(error);
  switch (etcdError.failure) {
    case 'unsent':
      return newServiceUnavailable(`etcd is not available: ${etcdError.message}`, { cause: error });
    case 'ambiguous':
      return newTimeout(`etcdserver: request timed out or was cut off: ${etcdError.message}`, 0);
    case 'refused':
    case 'compacted':
    case 'future':
    case 'lease':
      if (etcdError.message.includes('too many requests')) return newTooManyRequests(etcdError.message, 1);
      // In etcd's own words: `etcdserver: request is too large`.
      return new StatusError(500, '', etcdError.message, undefined, { cause: error });
  }
}
