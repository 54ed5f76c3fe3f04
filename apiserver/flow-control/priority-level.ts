/**
 * One priority level at run time: its seats, and the queues in which requests wait for them. The queue that got least so far is
 * served first (start-time fair queuing), so a flow that floods the server delays itself. While seats are free and nobody waits, a
 * request only counts a number up and down. Upstream: `util/flowcontrol/fairqueuing/queueset`.
 */
import { dealHand } from './shuffle-shard';

export interface PriorityLevelLimits {
  exempt: boolean;
  /** Seats that the level has of its own. */
  nominalSeats: number;
  /** How many of them others may use while they are free. */
  lendableSeats: number;
  /** How many it may have with those that it borrows. */
  upperSeats: number;
  /** Undefined: what finds no seat is refused. */
  queuing?: { queues: number; handSize: number; queueLengthLimit: number };
}

export type Rejection = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled';

export class RequestRejected extends Error {
  override readonly name = 'RequestRejected';

  constructor(readonly reason: Rejection) {
    super(reason);
  }
}

export interface WaitingRequest {
  readonly flow: string;
  readonly seats: number;
  readonly arrivedMs: number;
  /** The request may go on. */
  go(): void;
  readonly queue: FairQueue;
}

interface FairQueue {
  readonly index: number;
  waiting: WaitingRequest[];
  /** Seat-milliseconds this queue has been given: who has least is next. */
  served: number;
}

/** What a request is taken to need, in milliseconds, until it is known better. */
const assumedMs = 3;

export interface PriorityLevelDeps {
  now(): number;
  /** Seats that other levels could lend now. */
  borrowable(level: PriorityLevel): number;
}

export class PriorityLevel {
  executingSeats = 0;
  executingRequests = 0;
  waitingRequests = 0;
  private queues: FairQueue[] = [];
  /** The share of the queue served last: who comes anew begins there. */
  private virtualNow = 0;

  constructor(
    readonly name: string,
    public limits: PriorityLevelLimits,
    private readonly deps: PriorityLevelDeps,
  ) {
    this.configure(limits);
  }

  /** What waits keeps its place; queues that are no more are served until they are empty. */
  configure(limits: PriorityLevelLimits): void {
    this.limits = limits;
    const wanted = limits.queuing?.queues ?? 0;
    const kept = this.queues.filter(({ index, waiting }) => index < wanted || waiting.length > 0);
    for (let index = 0; index < wanted; index++) {
      if (!kept.some((queue) => queue.index === index)) kept.push({ index, waiting: [], served: this.virtualNow });
    }
    this.queues = kept.sort((a, b) => a.index - b.index);
    this.dispatch();
  }

  /** Takes seats if there are any and nobody was there before. */
  tryEnter(seats: number): boolean {
    if (!this.limits.exempt && (this.waitingRequests > 0 || !this.hasRoom(seats))) return false;
    this.executingSeats += seats;
    this.executingRequests++;
    return true;
  }

  /** Gives back seats, and lets those in who waited for them. */
  leave(seats: number): void {
    this.executingSeats -= seats;
    this.executingRequests--;
    if (this.waitingRequests) this.dispatch();
  }

  /** Waits for seats that `tryEnter` did not give. `go` is called in a later turn. Throws RequestRejected. */
  enqueue(flow: string, hash: bigint, seats: number, go: () => void): WaitingRequest {
    const { queuing } = this.limits;
    if (!queuing) throw new RequestRejected('concurrency-limit');
    const hand = dealHand(hash, queuing.queues, queuing.handSize).map((index) => this.queues[index]!);
    const queue = hand.reduce((shortest, other) => (other.waiting.length < shortest.waiting.length ? other : shortest));
    if (queue.waiting.length >= queuing.queueLengthLimit) throw new RequestRejected('queue-full');
    if (!queue.waiting.length) queue.served = Math.max(queue.served, this.virtualNow);
    const request: WaitingRequest = { flow, seats, arrivedMs: this.deps.now(), go, queue };
    queue.waiting.push(request);
    this.waitingRequests++;
    return request;
  }

  /** Takes back a request that waits no longer. False: it has been let in already. */
  withdraw(request: WaitingRequest): boolean {
    const { waiting } = request.queue;
    const at = waiting.indexOf(request);
    if (at < 0) return false;
    waiting.splice(at, 1);
    this.waitingRequests--;
    return true;
  }

  /** Corrects what its queue was charged for a request, once it is known how long it took. */
  settle({ queue, seats }: WaitingRequest, tookMs: number): void {
    queue.served += seats * (tookMs - assumedMs);
  }

  /** Lets in whoever has room, the queue that got least first. */
  dispatch(): void {
    while (this.waitingRequests > 0) {
      const queue = this.nextQueue();
      const request = queue?.waiting[0];
      if (!queue || !request || !this.hasRoom(request.seats)) return;
      queue.waiting.shift();
      this.waitingRequests--;
      this.executingSeats += request.seats;
      this.executingRequests++;
      this.virtualNow = queue.served;
      queue.served += request.seats * assumedMs;
      request.go();
    }
  }

  /** For the debug endpoints. */
  get queueStates(): readonly Readonly<FairQueue>[] {
    return this.queues;
  }

  private nextQueue(): FairQueue | undefined {
    let next: FairQueue | undefined;
    for (const queue of this.queues) {
      if (queue.waiting.length && (!next || queue.served < next.served)) next = queue;
    }
    return next;
  }

  private hasRoom(seats: number): boolean {
    const { nominalSeats, upperSeats } = this.limits;
    const wanted = this.executingSeats + seats;
    if (wanted <= nominalSeats) return true;
    // One that is wider than the level must not wait for ever.
    if (!this.executingSeats) return true;
    return wanted <= upperSeats && seats <= this.deps.borrowable(this);
  }
}
