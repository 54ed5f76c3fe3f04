/**
 * What pods of this node hold while they are being resized. A pod that nobody resizes has no entry: it holds what its spec
 * says. Upstream: `pkg/kubelet/allocation`.
 */
import type { Pod, PodCondition, PodStatus } from '../../api/core/v1/pod';
import type { EventRecorder } from '../../client/event-recorder';
import type { Clock } from '../../component-base/clock';
import { type Allocation, allocationOf, isAllocated, recoverAllocation, withAllocation } from './allocation';
import { inOrder, judgeResize, type Refusal } from './judge-resize';
import { resizeMessage } from './resize-message';

export interface AllocationDeps {
  recorder: EventRecorder;
  clock: Clock;
  /** Every pod that holds resources of the node. */
  active(): Pod[];
  allocatable(): Record<string, string>;
  /** The status last set, which may be ahead of the API's. */
  lastStatus(uid: string): PodStatus | undefined;
  /** The pod was given other resources, or it is told why not. */
  onChange(uid: string): void;
}

export interface AllocationManager {
  /** The pod as if its spec asked for what it was given. */
  podOf(pod: Pod): Pod;
  /** A new pod that runs already, or one whose spec may have changed. `old` is how it was known before. */
  observe(pod: Pod, old: Pod | undefined): void;
  /** All pods are known: what they hold together can be judged from now on. */
  start(): void;
  /** A pod has left: resizes that wait for room may be granted now. */
  retry(): void;
  /** The pod's containers may not have yet what they were given. */
  isResizing(pod: Pod): boolean;
  /** Every running container has what it was given. */
  completed(pod: Pod): void;
  /** The containers could not be given their resources. */
  failed(pod: Pod, message: string): void;
  conditions(pod: Pod): PodCondition[];
  forget(uid: string): void;
}

interface Entry {
  wanted: Pod;
  given: Allocation;
  pending?: Refusal & { generation: number; sinceMs: number };
  progress?: { generation: number; error?: string };
}

const uidOf = ({ metadata }: Pod): string => metadata?.uid ?? '';
const generationOf = ({ metadata }: Pod): number => metadata?.generation ?? 0;

/** Room may also appear without anybody saying so. */
const retryMs = 3 * 60_000;

export function createAllocationManager(deps: AllocationDeps): AllocationManager {
  const { recorder, clock } = deps;
  const entries = new Map<string, Entry>();
  let started = false;
  let cancelRetry = (): void => undefined;

  const podOf = (pod: Pod): Pod => {
    const entry = entries.get(uidOf(pod));
    return entry ? withAllocation(pod, entry.given) : pod;
  };
  const isWaiting = ({ wanted, given }: Entry): boolean => !isAllocated(wanted, given);

  function recover(pod: Pod): Entry {
    const find = (type: string): PodCondition | undefined =>
      pod.status?.conditions?.find((condition) => condition.type === type);
    const [pending, progress] = [find('PodResizePending'), find('PodResizeInProgress')];
    return {
      wanted: pod,
      given: recoverAllocation(pod),
      ...(pending && {
        pending: {
          reason: pending.reason === 'Infeasible' ? 'Infeasible' : 'Deferred',
          message: pending.message ?? '',
          generation: pending.observedGeneration ?? 0,
          sinceMs: Date.parse(pending.lastTransitionTime ?? '') || clock.now(),
        },
      }),
      ...(progress && {
        progress: {
          generation: progress.observedGeneration ?? 0,
          ...(progress.reason === 'Error' && { error: progress.message ?? '' }),
        },
      }),
    };
  }

  /** Grants what fits, in order; a granted one may make room for the next. */
  function evaluate(waiting: Entry[]): void {
    if (!started) return;
    const pending = waiting.map((entry) => ({
      entry,
      wanted: entry.wanted,
      given: withAllocation(entry.wanted, entry.given),
      sinceMs: entry.pending?.sinceMs,
    }));
    for (const { entry, given } of inOrder(pending)) decide(entry, given);
    cancelRetry();
    if ([...entries.values()].some(isDeferred)) cancelRetry = clock.after(retryMs, retry);
  }

  const isDeferred = ({ pending }: Entry): boolean => pending?.reason === 'Deferred';

  function decide(entry: Entry, given: Pod): void {
    const { wanted } = entry;
    const uid = uidOf(wanted);
    const generation = generationOf(wanted);
    const others = deps
      .active()
      .filter((pod) => uidOf(pod) !== uid)
      .map((pod) => ({ ...podOf(pod), status: deps.lastStatus(uidOf(pod)) ?? pod.status ?? {} }));
    const refusal = judgeResize(wanted, given, others, deps.allocatable());
    const before = entry.pending;
    if (!refusal) {
      entry.given = allocationOf(wanted);
      entry.progress = { generation };
      delete entry.pending;
      recorder.event(wanted, 'Normal', 'ResizeStarted', resizeMessage('started', wanted, generation));
    } else {
      entry.pending = { ...refusal, generation, sinceMs: before?.sinceMs ?? clock.now() };
      // What room there is changes all the time: no news.
      if (before?.reason !== refusal.reason || before.generation !== generation) {
        const message = resizeMessage(refusal.reason, wanted, generation, refusal.message);
        recorder.event(wanted, 'Warning', `Resize${refusal.reason}`, message);
      }
    }
    if (!refusal || refusal.message !== before?.message || before.generation !== generation) deps.onChange(uid);
  }

  function retry(): void {
    const deferred = [...entries.values()].filter(isDeferred);
    if (deferred.length > 0) evaluate(deferred);
  }

  /** Nothing is asked for beyond what was given, and the containers have it. */
  function settle(uid: string): void {
    const entry = entries.get(uid);
    if (entry && !entry.progress && !isWaiting(entry)) entries.delete(uid);
  }

  /** What is coming to its end gets no more. */
  function rest(entry: Entry, pod: Pod): void {
    entry.wanted = withAllocation(pod, entry.given);
    delete entry.pending;
  }

  return {
    podOf,
    observe(pod, old) {
      const uid = uidOf(pod);
      const known = entries.get(uid);
      if (pod.metadata?.deletionTimestamp) {
        if (known) rest(known, pod);
        return;
      }
      const entry = known ?? (old ? { wanted: pod, given: allocationOf(old) } : recover(pod));
      entry.wanted = pod;
      entries.set(uid, entry);
      if (isWaiting(entry)) evaluate([...entries.values()].filter((one) => one === entry || isDeferred(one)));
      else delete entry.pending;
      settle(uid);
    },
    start() {
      started = true;
      // What an earlier kubelet refused may be feasible by now: machines grow.
      evaluate([...entries.values()].filter(isWaiting));
    },
    retry,
    isResizing: (pod) => entries.get(uidOf(pod))?.progress !== undefined,
    completed(pod) {
      const uid = uidOf(pod);
      const entry = entries.get(uid);
      if (!entry?.progress) return;
      const { generation } = entry.progress;
      recorder.event(pod, 'Normal', 'ResizeCompleted', resizeMessage('completed', pod, generation));
      delete entry.progress;
      settle(uid);
      retry();
    },
    failed(pod, message) {
      const progress = entries.get(uidOf(pod))?.progress;
      if (!progress || progress.error === message) return;
      progress.error = message;
      recorder.event(pod, 'Warning', 'ResizeError', resizeMessage('error', pod, progress.generation, message));
    },
    conditions(pod) {
      const { pending, progress } = entries.get(uidOf(pod)) ?? {};
      const conditions: PodCondition[] = [];
      if (pending) {
        const { reason, message, generation } = pending;
        conditions.push({ type: 'PodResizePending', status: 'True', reason, message, observedGeneration: generation });
      }
      if (progress) {
        const { error: message, generation } = progress;
        const problem = message !== undefined && { reason: 'Error', message };
        conditions.push({ type: 'PodResizeInProgress', status: 'True', ...problem, observedGeneration: generation });
      }
      return conditions;
    },
    forget(uid) {
      entries.delete(uid);
    },
  };
}
