/** Takes down what clients do, and when. */
import { randomBytes } from 'node:crypto';
import type { History, Operation, WatchSession } from './history';

/** An operation without its times, which the recorder knows. */
type Timed = 'client' | 'invokedAt' | 'completedAt';
type WithoutTimes<T> = T extends Operation ? Omit<T, Timed> : never;

export class Recorder {
  readonly operations: Operation[] = [];
  readonly watches: WatchSession[] = [];
  slow: History['slow'];
  private ids = 0;
  /** Runs over the same objects must not share ids. */
  private readonly run = randomBytes(4).toString('hex');

  /** Runs an operation; what it gives is recorded, nothing if it gives nothing. */
  async record(client: string, run: () => Promise<WithoutTimes<Operation> | undefined>): Promise<void> {
    const invokedAt = performance.now();
    const operation = await run();
    if (!operation) return;
    this.operations.push({ ...operation, client, invokedAt, completedAt: performance.now() });
  }

  /** What marks one write. */
  newId(client: string): string {
    return `${this.run} ${client} ${++this.ids}`;
  }
}
