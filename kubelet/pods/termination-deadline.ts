/** When a pod's grace ends. It can only come nearer: a second deletion with a shorter grace hurries a running termination. */
export class TerminationDeadline {
  private readonly listeners = new Set<() => void>();

  constructor(
    private endsMs: number,
    private readonly now: () => number,
  ) {}

  get remainingMs(): number {
    return Math.max(0, this.endsMs - this.now());
  }

  shorten(endsMs: number): void {
    if (endsMs >= this.endsMs) return;
    this.endsMs = endsMs;
    for (const listener of this.listeners) listener();
  }

  /** Returns how to stop listening. */
  onShortened(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
