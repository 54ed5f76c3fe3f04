/** Nodes of a zone that wait to be tainted for eviction, let through at a rate. Upstream: `RateLimitedTimedQueue`. */
export class ZoneQueue {
  private readonly waiting = new Set<string>();
  private tokens = 1;
  private refilledAtMs: number;

  constructor(
    /** Nodes a second. */
    private rate: number,
    now: number,
  ) {
    this.refilledAtMs = now;
  }

  /** What was saved up at the old rate stays, one node at most. */
  setRate(rate: number, now: number): void {
    this.refill(now);
    this.rate = rate;
  }

  add(node: string): void {
    this.waiting.add(node);
  }

  remove(node: string): void {
    this.waiting.delete(node);
  }

  /** The nodes whose turn it is. */
  take(now: number): string[] {
    this.refill(now);
    const taken: string[] = [];
    for (const node of this.waiting) {
      if (this.tokens < 1 || this.rate === 0) break;
      this.tokens -= 1;
      this.waiting.delete(node);
      taken.push(node);
    }
    return taken;
  }

  private refill(now: number): void {
    // A clock that was set back takes no tokens away.
    const elapsedMs = Math.max(0, now - this.refilledAtMs);
    this.tokens = Math.min(1, this.tokens + (elapsedMs / 1000) * this.rate);
    this.refilledAtMs = now;
  }
}
