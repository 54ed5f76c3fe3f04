/**
 * Pods that wait for a node: ready ones by priority, failed ones backing off, unschedulable ones until something changes
 * that may help them. Upstream: `pkg/scheduler/backend/queue/scheduling_queue.go`.
 */
import type { Pod } from '../api/core/v1/pod';
import { deepEqual } from '../api/meta/json';
import type { Stored } from '../api/meta/types';
import type { Clock } from '../component-base/clock';
import type { ClusterEvent, Plugin } from './framework';
import { Heap } from './heap';
import { newPodInfo, type PodInfo, withPod } from './node-info';

export interface QueuedPod {
  info: PodInfo;
  uid: string;
  /** When it came to the active queue: earlier ones go first among equals. */
  since: number;
  /** Failed tries; the back-off grows with them. */
  attempts: number;
  /** Set when a try ended. */
  failedAt: number;
  backoffUntil: number;
  /** Plugins that rejected it last. Empty: it failed by an error, not by a decision. */
  rejectedBy: ReadonlySet<string>;
}

export interface SchedulingQueueOptions {
  clock: Clock;
  plugins: readonly Plugin[];
  initialBackoffMs?: number;
  maxBackoffMs?: number;
  /** How long a pod stays unschedulable at most: hints may miss something. Default 5 min. */
  maxUnschedulableMs?: number;
}

const changesScheduling = (old: Stored<Pod>, now: Stored<Pod>): boolean =>
  !deepEqual(old.spec, now.spec) || !deepEqual(old.metadata.labels, now.metadata.labels);

/** Takes the newest state of a pod over; true when scheduling looks at what changed. */
function renew(queued: QueuedPod, pod: Stored<Pod>): boolean {
  const changed = changesScheduling(queued.info.pod, pod);
  queued.info = changed ? newPodInfo(pod) : withPod(queued.info, pod);
  return changed;
}

export class SchedulingQueue {
  private readonly active = new Heap<QueuedPod>(
    ({ uid }) => uid,
    (a, b) => a.info.priority > b.info.priority || (a.info.priority === b.info.priority && a.since < b.since),
  );
  private readonly backoff = new Heap<QueuedPod>(
    ({ uid }) => uid,
    (a, b) => a.backoffUntil < b.backoffUntil,
  );
  private readonly unschedulable = new Map<string, QueuedPod>();
  /** Pods being tried, with what happened meanwhile: an event must not be lost because it came during the try. */
  private readonly inFlight = new Map<string, ClusterEvent[]>();
  private readonly waiters: ((pod: QueuedPod | undefined) => void)[] = [];
  private cancelTimer: (() => void) | undefined;
  private closed = false;

  constructor(private readonly options: SchedulingQueueOptions) {}

  /** How many pods wait in each part, for metrics and tests. */
  get sizes(): { active: number; backoff: number; unschedulable: number } {
    return { active: this.active.size, backoff: this.backoff.size, unschedulable: this.unschedulable.size };
  }

  /** A new pod. Pods with scheduling gates are not taken: their update without gates is. */
  add(pod: Stored<Pod>): void {
    const { uid } = pod.metadata;
    if (this.closed || pod.spec?.schedulingGates?.length || this.find(uid) || this.inFlight.has(uid)) return;
    this.activate({
      info: newPodInfo(pod),
      uid,
      since: this.options.clock.now(),
      attempts: 0,
      failedAt: 0,
      backoffUntil: 0,
      rejectedBy: new Set(),
    });
  }

  /** A pending pod changed. Only what scheduling looks at wakes it; a change of its own status does not. */
  update(pod: Stored<Pod>): void {
    const { uid } = pod.metadata;
    const queued = this.find(uid);
    if (!queued) return this.add(pod);
    const changed = renew(queued, pod);
    if (this.active.get(uid)) this.active.push(queued);
    if (changed && this.unschedulable.delete(uid)) this.wake(queued);
  }

  /** The pod is gone, or has a node. */
  delete(uid: string): void {
    this.active.remove(uid);
    this.backoff.remove(uid);
    this.unschedulable.delete(uid);
    this.inFlight.delete(uid);
  }

  /** The most important pod, once there is one; undefined after `close`. Call `done` or `requeue` after the try. */
  async pop(): Promise<QueuedPod | undefined> {
    const next = this.active.pop() ?? this.popIdle();
    if (next) return this.hand(next);
    if (this.closed) return undefined;
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  /** The pod found a node. */
  done(uid: string): void {
    this.inFlight.delete(uid);
  }

  /**
   * The try failed: by these plugins' decision, or, without any, by an error. `pod` is its newest state; undefined when it
   * is gone. One that has a node by now is left out.
   */
  requeue(queued: QueuedPod, pod: Stored<Pod> | undefined, rejectedBy: ReadonlySet<string>): void {
    const missed = this.inFlight.get(queued.uid) ?? [];
    this.inFlight.delete(queued.uid);
    if (this.closed || pod?.metadata.uid !== queued.uid || pod.spec?.nodeName) return;
    const { clock, initialBackoffMs = 1000, maxBackoffMs = 10_000 } = this.options;
    const edited = renew(queued, pod);
    queued.rejectedBy = rejectedBy;
    queued.attempts += 1;
    queued.failedAt = clock.now();
    queued.backoffUntil = clock.now() + Math.min(initialBackoffMs * 2 ** (queued.attempts - 1), maxBackoffMs);
    const again = edited || rejectedBy.size === 0 || missed.some((event) => this.isWokenBy(queued, event));
    if (again) this.wake(queued);
    else this.unschedulable.set(queued.uid, queued);
  }

  /** Something changed in the cluster: pods that it may help are tried again, after their back-off. */
  handleEvent(event: ClusterEvent): void {
    for (const events of this.inFlight.values()) events.push(event);
    for (const queued of this.unschedulable.values()) {
      if (!this.isWokenBy(queued, event)) continue;
      this.unschedulable.delete(queued.uid);
      this.wake(queued);
    }
  }

  /** Wakes what was unschedulable for too long; to be called now and then. */
  flushUnschedulable(): void {
    const { clock, maxUnschedulableMs = 300_000 } = this.options;
    for (const queued of this.unschedulable.values()) {
      if (clock.now() - queued.failedAt <= maxUnschedulableMs) continue;
      this.unschedulable.delete(queued.uid);
      this.wake(queued);
    }
  }

  close(): void {
    this.closed = true;
    this.cancelTimer?.();
    for (const waiter of this.waiters.splice(0)) waiter(undefined);
  }

  private find(uid: string): QueuedPod | undefined {
    return this.active.get(uid) ?? this.backoff.get(uid) ?? this.unschedulable.get(uid);
  }

  private isWokenBy(queued: QueuedPod, event: ClusterEvent): boolean {
    return this.options.plugins.some(({ name, wakes }) => queued.rejectedBy.has(name) && wakes?.(event, queued.info));
  }

  /** With nothing else to do there is no point in waiting for a back-off, except after errors (PopFromBackoffQ). */
  private popIdle(): QueuedPod | undefined {
    return this.backoff.peek()?.rejectedBy.size ? this.backoff.pop() : undefined;
  }

  private wake(queued: QueuedPod): void {
    const idle = this.waiters.length > 0 && queued.rejectedBy.size > 0;
    if (idle || queued.backoffUntil <= this.options.clock.now()) return this.activate(queued);
    this.backoff.push(queued);
    this.armTimer();
  }

  private activate(queued: QueuedPod): void {
    queued.since = this.options.clock.now();
    this.active.push(queued);
    const waiter = this.waiters.shift();
    if (waiter) waiter(this.hand(this.active.pop() as QueuedPod));
  }

  private hand(queued: QueuedPod): QueuedPod {
    this.inFlight.set(queued.uid, []);
    return queued;
  }

  /** One timer, for whoever's back-off ends first. */
  private armTimer(): void {
    this.cancelTimer?.();
    const first = this.backoff.peek();
    if (!first || this.closed) return;
    this.cancelTimer = this.options.clock.after(Math.max(0, first.backoffUntil - this.options.clock.now()), () => {
      const now = this.options.clock.now();
      for (let next = this.backoff.peek(); next && next.backoffUntil <= now; next = this.backoff.peek()) {
        this.backoff.pop();
        this.activate(next);
      }
      this.armTimer();
    });
  }
}
