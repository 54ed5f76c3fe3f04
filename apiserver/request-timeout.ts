/**
 * Requests that are expected to end are ended in time. Upstream: apiserver `pkg/server/filters/timeout.go` and
 * `pkg/endpoints/filters/request_deadline.go`.
 */
import { newBadRequest, newTimeout } from '../api/meta/status-error';
import { parseDuration } from '../component-base/flags';
import type { Exchange } from './endpoints/api-request';
import { sendError } from './endpoints/respond';
import type { HttpContext } from './http-context';

/**
 * Waits for `answer`, at most `limitMs`. Then the client gets 504, and what still works on the request is told by the signal
 * of its context, as it is when the client goes away.
 */
export async function serveInTime(
  exchange: Exchange,
  context: HttpContext,
  limitMs: number,
  answer: () => Promise<void> | void,
): Promise<void> {
  const { request, response } = exchange;
  const timer = setTimeout(() => {
    const error = newTimeout('request did not complete within the allotted timeout', 0);
    exchange.tally.terminated = true;
    // Who reads so slowly that the answer is not through by now does not get the rest.
    if (response.headersSent) response.destroy();
    else {
      // Nobody tells whoever waits for a body that its client is gone, once it has its answer.
      if (!request.complete) response.once('finish', () => request.destroy());
      sendError(exchange, error);
    }
    context.cancel(error);
  }, limitMs);
  const gone = (): void => {
    if (!response.writableFinished) context.cancel(new Error('the client is gone'));
  };
  response.on('close', gone);
  try {
    await answer();
  } finally {
    clearTimeout(timer);
    response.off('close', gone);
  }
}

/** The server's limit, or what the client asks for by `?timeout=` when that is less. Throws BadRequest. */
export function timeLimitOf(query: URLSearchParams, maxMs: number): number {
  const text = query.get('timeout');
  if (!text) return maxMs;
  const askedMs = parseDuration(text);
  if (askedMs === undefined) {
    const reason = /^[+-]?\d+(\.\d*)?$/.test(text) ? 'missing unit in duration' : 'invalid duration';
    throw newBadRequest(`invalid timeout specified in the request URL - time: ${reason} ${JSON.stringify(text)}`);
  }
  return askedMs > 0 ? Math.min(askedMs, maxMs) : maxMs;
}
