/** Long work is done in slices, so that no request holds the event loop for more than a few milliseconds. */
const sliceMs = 5;

export class TimeSlice {
  private startedAt = performance.now();

  get over(): boolean {
    return performance.now() - this.startedAt >= sliceMs;
  }

  /** Lets others run if the slice is over. */
  async breathe(): Promise<void> {
    if (!this.over) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.startedAt = performance.now();
  }
}
