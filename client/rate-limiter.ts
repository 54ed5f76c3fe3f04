/** A token bucket, as golang.org/x/time/rate has it: callers reserve a token and wait until it is theirs. */
import type { Clock } from '../component-base/clock';

export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  constructor(
    private readonly qps: number,
    private readonly burst: number,
    private readonly clock: Clock,
  ) {
    this.tokens = burst;
    this.filledAt = clock.now();
  }

  /** Takes a token if one is there. */
  tryAccept(): boolean {
    this.fill();
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  /** Takes a token, now or in advance; gives how many milliseconds to wait before using it. */
  reserve(): number {
    this.fill();
    this.tokens -= 1;
    return this.tokens >= 0 ? 0 : (-this.tokens / this.qps) * 1000;
  }

  private fill(): void {
    const now = this.clock.now();
    // A clock that was set back takes no tokens away.
    const elapsedMs = Math.max(0, now - this.filledAt);
    this.tokens = Math.min(this.burst, this.tokens + (elapsedMs / 1000) * this.qps);
    this.filledAt = now;
  }
}
