/** Growing delays: of one retry loop, and of many keyed things (upstream: `client-go/util/flowcontrol/backoff.go`). */
import type { Clock } from '../component-base/clock';

export interface BackoffOptions {
  initialMs: number;
  maxMs: number;
  /** Default 2. */
  factor?: number;
  /** 1 means up to twice the delay. Default 0. */
  jitter?: number;
  /** After this long without a failure the next delay is the first again. Default: never. */
  resetAfterMs?: number;
  clock: Clock;
  random?: () => number;
}

export interface Backoff {
  /** The delay to wait now, longer each time. */
  next(): number;
  reset(): void;
}

/** `delayMs`, up to `1 + jitter` times as long. */
export const jittered = (delayMs: number, jitter: number, random: () => number = Math.random): number =>
  delayMs * (1 + jitter * random());

export function createBackoff(options: BackoffOptions): Backoff {
  const { initialMs, maxMs, factor = 2, jitter = 0, resetAfterMs = Infinity, clock, random } = options;
  let delay = initialMs;
  let last = -Infinity;
  return {
    next() {
      const now = clock.now();
      if (now - last > resetAfterMs) delay = initialMs;
      last = now;
      const result = jittered(delay, jitter, random);
      delay = Math.min(delay * factor, maxMs);
      return result;
    },
    reset() {
      delay = initialMs;
    },
  };
}

interface Entry {
  delayMs: number;
  updatedAt: number;
}

/** Back-off per key, as container restarts and image pulls use it; a key that was quiet for twice the maximum starts anew. */
export class KeyedBackoff {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly options: { initialMs: number; maxMs: number; clock: Clock }) {}

  /** The current delay of a key; 0 when it has none. */
  get(key: string): number {
    return this.entries.get(key)?.delayMs ?? 0;
  }

  /** Doubles the delay, counting from `eventAt` (default now). */
  next(key: string, eventAt = this.options.clock.now()): number {
    const { initialMs, maxMs } = this.options;
    const entry = this.entries.get(key);
    const fresh = !entry || this.expired(entry, eventAt);
    const delayMs = fresh ? initialMs : Math.min(entry.delayMs * 2, maxMs);
    this.entries.set(key, { delayMs, updatedAt: this.options.clock.now() });
    return delayMs;
  }

  /** How long the key must still wait after what happened at `eventAt`; 0 when it need not. */
  remaining(key: string, eventAt: number): number {
    const entry = this.entries.get(key);
    if (!entry || this.expired(entry, eventAt)) return 0;
    return Math.max(0, entry.delayMs - (this.options.clock.now() - eventAt));
  }

  reset(key: string): void {
    this.entries.delete(key);
  }

  /** Forgets keys that were quiet long enough. */
  collect(): void {
    const now = this.options.clock.now();
    for (const [key, entry] of this.entries) if (this.expired(entry, now)) this.entries.delete(key);
  }

  private expired(entry: Entry, eventAt: number): boolean {
    return eventAt - entry.updatedAt > this.options.maxMs * 2;
  }
}
