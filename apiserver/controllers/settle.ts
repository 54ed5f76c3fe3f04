/** Changes usually come in bursts (the bootstrap, an apply of many objects): they are answered together. */
import type { Loopback } from '../registry/loopback';

const settleMs = 50;

/** A handler of changes that runs `answer` soon after the first of a burst, and again after it failed. */
export function settle({ clock, log, signal }: Loopback, answer: () => Promise<void>, failure: string): () => void {
  let scheduled = false;
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    clock.after(settleMs, () => {
      scheduled = false;
      if (signal.aborted) return;
      answer().catch((error: unknown) => {
        if (signal.aborted) return;
        log.warn({ err: error }, failure);
        schedule();
      });
    });
  };
  return schedule;
}
