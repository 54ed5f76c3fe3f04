/** Turns an answer that is no success into a StatusError, also when no Status is in it. */
import { type Status, StatusError, type StatusReason } from '../api/meta/status-error';

/** Texts of apimachinery's NewGenericServerResponse. */
const generic: Record<number, [StatusReason, string]> = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  403: ['Forbidden', 'the server does not allow access to the requested resource'],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  406: ['NotAcceptable', 'the server was unable to respond with a content type that the client supports'],
  409: ['Conflict', 'the server reported a conflict'],
  410: ['Gone', 'the server reported that the requested resource is gone'],
  413: ['RequestEntityTooLarge', 'the request is too large for the server to handle'],
  415: ['UnsupportedMediaType', 'the body of the request was in an unknown format'],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: [
    'Timeout',
    'the server was unable to return a response in the time allotted, but may still be processing the request',
  ],
};

export function responseError(code: number, body: string): StatusError {
  try {
    const status = JSON.parse(body) as Partial<Status>;
    if (status.kind === 'Status') return StatusError.from(status, code);
  } catch {
    // No JSON: a proxy or a plain handler answered.
  }
  const [reason, text] = generic[code] ?? [
    'InternalError',
    `an error on the server has prevented the request from succeeding`,
  ];
  const detail = body.trim().slice(0, 2048);
  return new StatusError(code, reason, detail ? `${text} (${detail})` : text);
}
