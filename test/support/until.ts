/** Waits for a condition that no watch tells of (an HTTP answer, a process list), with a deadline. */
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Calls `look` until it gives something other than undefined and false, and gives that. Errors count as "not yet"; the
 * last one is the cause of the failure at the deadline.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs = 60_000, everyMs = 50 } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let cause: unknown;
  while (Date.now() < deadline) {
    try {
      const value = await look();
      if (value !== undefined && value !== false) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(everyMs);
  }
  const reason = cause instanceof Error ? `: ${cause.message}` : '';
  throw new Error(`${what}: not within ${timeoutMs} ms${reason}`, { cause });
}
