/** Exponential back-off per key that doubles while failures keep coming and is forgotten after a quiet time (client-go flowcontrol). */
export interface BackOff {
  /** The delay after a failure at `eventMs`; 0 when the key never failed before, or was quiet for twice the maximum. */
  get(key: string, eventMs: number): number;
  /** Records a failure: the initial delay, then twice the last one. `eventMs` is when it failed. */
  next(key: string, eventMs: number, nowMs: number): number;
  /** Forgets keys with that prefix. */
  reset(prefix: string): void;
}

export function createBackOff(initialMs: number, maxMs: number): BackOff {
  const entries = new Map<string, { delayMs: number; updatedMs: number }>();
  const expired = (updatedMs: number, eventMs: number): boolean => eventMs - updatedMs > 2 * maxMs;
  return {
    get(key, eventMs) {
      const entry = entries.get(key);
      return entry && !expired(entry.updatedMs, eventMs) ? entry.delayMs : 0;
    },
    next(key, eventMs, nowMs) {
      const entry = entries.get(key);
      const fresh = !entry || expired(entry.updatedMs, eventMs);
      const delayMs = fresh ? initialMs : Math.min(entry.delayMs * 2, maxMs);
      entries.set(key, { delayMs, updatedMs: nowMs });
      return delayMs;
    },
    reset(prefix) {
      for (const key of entries.keys()) if (key.startsWith(prefix)) entries.delete(key);
    },
  };
}

/** Delays as Go prints durations in messages: `10s`, `1m20s`, `5m0s`. */
export function formatGoDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (hours) return `${hours}h${minutes}m${seconds % 60}s`;
  return minutes ? `${minutes}m${seconds % 60}s` : `${seconds}s`;
}
