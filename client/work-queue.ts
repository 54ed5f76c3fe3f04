/**
 * The queue between watch events and workers, with client-go's semantics (`util/workqueue`): a key waits at most once, a key
 * added while it is worked on comes again afterwards, and no key is ever worked on twice at a time.
 */
import type { Clock } from '../component-base/clock';
import type { Metrics } from '../component-base/metrics';
import { workQueueMetrics } from './metrics';
import { TokenBucket } from './rate-limiter';

export interface WorkQueueOptions {
  clock: Clock;
  /** Label of the metrics. */
  name?: string;
  metrics?: Metrics;
  /** Back-off of one key. Default 5 ms to 1000 s. */
  initialBackoffMs?: number;
  maxBackoffMs?: number;
  /** All retries together. Default 10 a second, bursts of 100. */
  retryQps?: number;
  retryBurst?: number;
}

/** A longer timer would go off at once; waking early is harmless. */
const maxTimerMs = 2 ** 31 - 1;

export class WorkQueue {
  /** Keys to hand out, in order. May begin with holes: `head` is the first. */
  private queue: string[] = [];
  private head = 0;
  /** Keys that need work; those in `processing` too are queued again when done. */
  private readonly dirty = new Map<string, number>();
  private readonly processing = new Map<string, number>();
  private readonly delayed = new Map<string, { at: number; cancel: () => void }>();
  private readonly failures = new Map<string, number>();
  private readonly waiters: ((key: string | undefined) => void)[] = [];
  private readonly drained: (() => void)[] = [];
  private readonly bucket: TokenBucket;
  private readonly observed;
  private readonly labels;
  private stopping = false;

  constructor(private readonly options: WorkQueueOptions) {
    this.bucket = new TokenBucket(options.retryQps ?? 10, options.retryBurst ?? 100, options.clock);
    this.observed = options.metrics && workQueueMetrics(options.metrics);
    this.labels = { name: options.name ?? '' };
  }

  /** How many keys wait to be handed out. */
  get length(): number {
    return this.queue.length - this.head;
  }

  get shuttingDown(): boolean {
    return this.stopping;
  }

  add(key: string): void {
    if (this.stopping || this.dirty.has(key)) return;
    this.dirty.set(key, this.options.clock.now());
    this.observed?.adds.inc(this.labels);
    if (!this.processing.has(key)) this.push(key);
  }

  /** Adds after a while. Of several delays of one key the earliest counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.stopping) return;
    if (delayMs <= 0) return this.add(key);
    const at = this.options.clock.now() + delayMs;
    const waiting = this.delayed.get(key);
    if (waiting && waiting.at <= at) return;
    waiting?.cancel();
    const cancel = this.options.clock.after(Math.min(delayMs, maxTimerMs), () => {
      this.delayed.delete(key);
      this.add(key);
    });
    this.delayed.set(key, { at, cancel });
  }

  /** Adds after the key's back-off, or later when too many keys are retried. */
  addRateLimited(key: string): void {
    const { initialBackoffMs = 5, maxBackoffMs = 1_000_000 } = this.options;
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    this.observed?.retries.inc(this.labels);
    this.addAfter(key, Math.max(Math.min(initialBackoffMs * 2 ** failures, maxBackoffMs), this.bucket.reserve()));
  }

  /** The key went well: its next back-off is the first again. */
  forget(key: string): void {
    this.failures.delete(key);
  }

  numRequeues(key: string): number {
    return this.failures.get(key) ?? 0;
  }

  /** The next key, as soon as there is one; undefined once the queue is shut down and empty. Call `done` after the work. */
  async get(): Promise<string | undefined> {
    if (this.length > 0) return this.take();
    if (this.stopping) return undefined;
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  /** The work on a key from `get` ended. */
  done(key: string): void {
    const startedAt = this.processing.get(key);
    if (startedAt === undefined) return;
    this.processing.delete(key);
    this.observed?.workDuration.observe((this.options.clock.now() - startedAt) / 1000, this.labels);
    if (this.dirty.has(key)) this.push(key);
    this.checkDrained();
  }

  /** Takes no more keys; what waits is still handed out. */
  shutDown(): void {
    this.stopping = true;
    for (const { cancel } of this.delayed.values()) cancel();
    this.delayed.clear();
    if (this.length === 0) for (const waiter of this.waiters.splice(0)) waiter(undefined);
    this.checkDrained();
  }

  /** Like `shutDown`, and resolves when all that was handed out, or waited, is done. */
  shutDownWithDrain(): Promise<void> {
    return new Promise((resolve) => {
      this.drained.push(resolve);
      this.shutDown();
    });
  }

  private push(key: string): void {
    this.queue.push(key);
    this.observed?.depth.set(this.length, this.labels);
    const waiter = this.waiters.shift();
    if (waiter) waiter(this.take());
  }

  private take(): string {
    const key = this.queue[this.head] as string;
    this.head += 1;
    if (this.head > 1024 && this.head * 2 > this.queue.length) {
      this.queue = this.queue.slice(this.head);
      this.head = 0;
    }
    const now = this.options.clock.now();
    this.observed?.depth.set(this.length, this.labels);
    this.observed?.queueDuration.observe((now - (this.dirty.get(key) ?? now)) / 1000, this.labels);
    this.dirty.delete(key);
    this.processing.set(key, now);
    return key;
  }

  private checkDrained(): void {
    if (!this.stopping || this.length > 0) return;
    for (const waiter of this.waiters.splice(0)) waiter(undefined);
    if (this.processing.size > 0) return;
    for (const resolve of this.drained.splice(0)) resolve();
  }
}
