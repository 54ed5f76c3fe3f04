/**
 * The Status object the API answers failures with, as an error that keeps its type. Constructors and predicates come in
 * pairs, with the reasons, codes and messages of apimachinery `pkg/api/errors`.
 */
import { type FieldError, formatFieldError } from './field-error';
import type { ListMeta } from './types';

export type StatusReason =
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Invalid'
  | 'ServerTimeout'
  | 'Timeout'
  | 'TooManyRequests'
  | 'BadRequest'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'InternalError'
  | 'Expired'
  | 'ServiceUnavailable'
  | '';

export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** `meta/v1` Status, as it travels. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: ListMeta;
  status: 'Success' | 'Failure';
  message?: string;
  reason?: StatusReason;
  details?: StatusDetails;
  code: number;
}

/** Which resource an error speaks of: `pods`, or `deployments` of `apps`. */
export interface GroupResource {
  group: string;
  resource: string;
}

/** The resource as messages print it: `pods`, `deployments.apps`. */
export const formatGroupResource = ({ group, resource }: GroupResource): string =>
  group ? `${resource}.${group}` : resource;

/** A failure that the API answers with a Status. `status` is exactly the body; `code` the HTTP status. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: Status;

  constructor(code: number, reason: StatusReason, message: string, details?: StatusDetails, options?: ErrorOptions) {
    super(message, options);
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason && { reason }),
      ...(details && { details }),
      code,
    };
  }

  /** Wraps a Status that another server answered. */
  static from(status: Partial<Status>, code = status.code ?? 500): StatusError {
    return new StatusError(code, status.reason ?? '', status.message ?? '', status.details);
  }

  get code(): number {
    return this.status.code;
  }

  get reason(): StatusReason {
    return this.status.reason ?? '';
  }
}

const detailsOf = (resource: GroupResource, name?: string): StatusDetails => ({
  ...(name && { name }),
  ...(resource.group && { group: resource.group }),
  kind: resource.resource,
});

export const newNotFound = (resource: GroupResource, name: string): StatusError =>
  new StatusError(404, 'NotFound', `${formatGroupResource(resource)} "${name}" not found`, detailsOf(resource, name));

export const newAlreadyExists = (resource: GroupResource, name: string): StatusError =>
  new StatusError(
    409,
    'AlreadyExists',
    `${formatGroupResource(resource)} "${name}" already exists`,
    detailsOf(resource, name),
  );

export const newConflict = (resource: GroupResource, name: string, reason: string): StatusError =>
  new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${formatGroupResource(resource)} "${name}": ${reason}`,
    detailsOf(resource, name),
  );

/** The conflict of a stale resourceVersion. */
export const newModifiedConflict = (resource: GroupResource, name: string): StatusError =>
  newConflict(
    resource,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );

/** Validation failed: one cause per field error. `kind` is the kind, not the resource, as upstream prints it. */
export function newInvalid(kind: { group: string; kind: string }, name: string, errors: FieldError[]): StatusError {
  const messages = [...new Set(errors.map((error) => formatFieldError(error)))];
  const aggregate = messages.length === 1 ? messages[0] : `[${messages.join(', ')}]`;
  const qualified = kind.group ? `${kind.kind}.${kind.group}` : kind.kind;
  return new StatusError(422, 'Invalid', `${qualified} "${name}" is invalid: ${aggregate}`, {
    ...(name && { name }),
    ...(kind.group && { group: kind.group }),
    kind: kind.kind,
    causes: errors.map((error) => ({
      reason: error.type,
      message: formatFieldError(error, { withoutField: true }),
      field: error.field,
    })),
  });
}

export const newBadRequest = (message: string): StatusError => new StatusError(400, 'BadRequest', message);

export const newUnauthorized = (message = 'Unauthorized'): StatusError => new StatusError(401, 'Unauthorized', message);

/** `message` is what stands after `… is forbidden: `. */
export const newForbidden = (resource: GroupResource, name: string, message: string): StatusError => {
  const qualified = formatGroupResource(resource);
  const subject = name
    ? `${qualified} "${name}" is forbidden: `
    : qualified
      ? `${qualified} is forbidden: `
      : 'forbidden: ';
  return new StatusError(403, 'Forbidden', subject + message, detailsOf(resource, name));
};

export const newMethodNotSupported = (resource: GroupResource, verb: string): StatusError =>
  new StatusError(
    405,
    'MethodNotAllowed',
    `${verb} is not supported on resources of kind "${formatGroupResource(resource)}"`,
    detailsOf(resource),
  );

export const newNotAcceptable = (message: string): StatusError => new StatusError(406, 'NotAcceptable', message);

export const newUnsupportedMediaType = (message: string): StatusError =>
  new StatusError(415, 'UnsupportedMediaType', message);

export const newRequestEntityTooLarge = (message: string): StatusError =>
  new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: ${message}`);

/** 410 with reason Expired: the resourceVersion or continue token is older than what is kept. */
export const newResourceExpired = (message: string): StatusError => new StatusError(410, 'Expired', message);

export const newTooManyRequests = (message: string, retryAfterSeconds: number): StatusError =>
  new StatusError(429, 'TooManyRequests', message, retryAfterSeconds ? { retryAfterSeconds } : {});

export const newTimeout = (message: string, retryAfterSeconds: number): StatusError =>
  new StatusError(504, 'Timeout', `Timeout: ${message}`, { retryAfterSeconds });

export const newServiceUnavailable = (message: string, options?: ErrorOptions): StatusError =>
  new StatusError(503, 'ServiceUnavailable', message, undefined, options);

export const newInternalError = (cause: unknown): StatusError => {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new StatusError(
    500,
    'InternalError',
    `Internal error occurred: ${text}`,
    { causes: [{ message: text }] },
    { cause },
  );
};

const hasReason =
  (...reasons: StatusReason[]) =>
  (error: unknown): error is StatusError =>
    error instanceof StatusError && reasons.includes(error.reason);

export const isNotFound = hasReason('NotFound');
export const isAlreadyExists = hasReason('AlreadyExists');
export const isConflict = hasReason('Conflict');
export const isInvalid = hasReason('Invalid');
export const isForbidden = hasReason('Forbidden');
export const isUnauthorized = hasReason('Unauthorized');
/** Also of a write to storage that may or may not have happened. */
export const isTimeout = hasReason('Timeout');
export const isTooManyRequests = hasReason('TooManyRequests');
export const isResourceExpired = hasReason('Expired', 'Gone');
