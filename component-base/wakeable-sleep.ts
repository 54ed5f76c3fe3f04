/** The rest of a loop that looks again after a while, or at once when somebody says that there is something to see. */
import type { Clock } from './clock';

export class WakeableSleep {
  private woken = false;
  private pause: AbortController | undefined;

  constructor(private readonly clock: Clock) {}

  /** Ends the sleep; one that has not begun yet ends at once. */
  wake(): void {
    this.woken = true;
    this.pause?.abort();
  }

  /** Resolves when it is over, was ended or the signal aborts. Leaves nothing on the signal, which outlives many sleeps. */
  async sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    if (!this.woken && !signal.aborted) {
      const pause = new AbortController();
      const cut = (): void => pause.abort();
      this.pause = pause;
      signal.addEventListener('abort', cut);
      await this.clock.sleep(delayMs, pause.signal).catch(() => undefined);
      signal.removeEventListener('abort', cut);
    }
    this.woken = false;
  }
}
