/** A request as it came in, before anything is known of it. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Exchange } from './endpoints/api-request';

const noQuery = new URLSearchParams();

/** The client's `Audit-ID` is taken over where it is harmless. */
export function exchangeOf(request: IncomingMessage, response: ServerResponse): Exchange {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const given = request.headers['audit-id'];
  return {
    request,
    response,
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? noQuery : new URLSearchParams(url.slice(mark + 1)),
    auditId: typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID(),
    warnings: [],
    tally: { sentBytes: undefined, queuedSeconds: 0, mutatingSeconds: 0, validatingSeconds: 0, terminated: false },
  };
}
