/** Requests that are expected to end are ended in time. Upstream: apiserver `pkg/server/filters/timeout.go`. */
import { newTimeout } from '../api/meta/status-error';
import type { Exchange } from './endpoints/api-request';
import { sendError } from './endpoints/respond';
import type { HttpContext } from './http-context';

/**
 * Waits for `answer`, at most `limitMs` or the shorter `?timeout=`. Then the client gets 504, and what still works on the request
 * is told by the signal of its context, as it is when the client goes away.
 */
export async function serveInTime(
  exchange: Exchange,
  context: HttpContext,
  limitMs: number,
  answer: () => Promise<void> | void,
): Promise<void> {
  const { response } = exchange;
  const timer = setTimeout(
    () => {
      const error = newTimeout('request did not complete within the allotted timeout', 0);
      exchange.tally.terminated = true;
      if (!response.headersSent) sendError(exchange, error);
      context.cancel(error);
    },
    timeoutOf(exchange, limitMs),
  );
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

/** `?timeout=` may shorten the server's limit. */
function timeoutOf({ query }: Exchange, limitMs: number): number {
  const text = query.get('timeout');
  const match = text ? /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) : null;
  if (!match) return limitMs;
  const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] ?? 's'] ?? 1000;
  const askedMs = Number(match[1]) * unitMs;
  return askedMs > 0 ? Math.min(askedMs, limitMs) : limitMs;
}
