/**
 * One worker per pod UID: serialized, the latest wins, woken by the watch, by the engine's events, by probes and by timers.
 * A pod only moves forward: it is synced, then terminating, then terminated (upstream pkg/kubelet/pod_workers.go).
 */
import type { Pod } from '../api/core/v1/pod';
import { pods } from '../api/core/v1/pod';
import type { Clock } from '../component-base/clock';
import type { Logger } from '../component-base/logger';
import type { AllocationManager } from './allocation/allocation-manager';
import { isStaticPod } from './config/static-pods';
import type { Eviction } from './eviction/eviction-manager';
import { newWorker, type Worker } from './pod-worker';
import { activeDeadlineIn, deadlineExceeded } from './pods/active-deadline';
import { isFinal } from './pods/compute-pod-status';
import { holdsResources } from './pods/holds-resources';
import { hasRunning } from './pods/pod-runtime-status';
import {
  labelledGraceSeconds,
  type PodIdentity,
  type SyncDeps,
  syncPod,
  syncTerminatedPod,
  syncTerminatingPod,
  type Verdict,
} from './pods/sync-pod';
import { TerminationDeadline } from './pods/termination-deadline';
import { graceSecondsOf } from './pods/termination-grace';

export interface PodWorkersDeps {
  sync: SyncDeps;
  clock: Clock;
  log: Logger;
  /** Undefined admits; else why the node refuses the pod. Asked once for a pod that has no containers yet. */
  admit(pod: Pod, active: Pod[]): Verdict | undefined;
  allocations: AllocationManager;
  /** Nothing of a deleted pod is left: its API object may go. */
  onGone(pod: Pod | undefined, uid: string): void;
}

export interface PodWorkers {
  /** A new or changed pod, already defaulted. */
  update(pod: Pod): void;
  /** The object is gone, or never was: `identity` is what containers remember. */
  remove(identity: PodIdentity): void;
  trigger(uid: string): void;
  /** Ends a pod for the node's sake; its object stays, as a failed one. */
  evict(uid: string, eviction: Eviction): void;
  /** Like `trigger`, but what a failed sync left behind does not cut its back-off short. */
  containersChanged(uid: string): void;
  /** What failed may have failed for the engine's sake: every worker looks again now. */
  retryAll(): void;
  /** Takes a newer object that asks for nothing new, such as one with our own status. */
  refresh(pod: Pod): void;
  /** Pods that hold resources of the node, as if their specs asked for what they hold. */
  active(): Pod[];
  /** Every pod with an object, finished ones too. */
  all(): Pod[];
  has(uid: string): boolean;
  /** Nothing of it runs any more, and nothing will. */
  hasEnded(uid: string): boolean;
  /** Resolves when no worker is busy; for tests. */
  idle(): Promise<void>;
  stop(): void;
}

const resyncMs = 60_000;

/** Events need the kind, which objects of a list do not carry. */
const withKind = (pod: Pod): Pod => ({ ...pod, apiVersion: pods.apiVersion, kind: pods.kind });

export function createPodWorkers(deps: PodWorkersDeps): PodWorkers {
  const { clock, log, sync } = deps;
  const workers = new Map<string, Worker>();
  let stopped = false;

  function workerFor(identity: PodIdentity, pod: Pod | undefined): Worker {
    const known = workers.get(identity.uid);
    if (known) return known;
    const worker = newWorker(identity, pod);
    workers.set(identity.uid, worker);
    return worker;
  }

  function wake(worker: Worker): void {
    if (stopped) return;
    worker.again = true;
    if (!worker.busy) void loop(worker);
  }

  function wakeAfter(worker: Worker, delayMs: number): void {
    worker.cancelTimer();
    worker.cancelTimer = clock.after(Math.max(0, delayMs), () => wake(worker));
  }

  async function loop(worker: Worker): Promise<void> {
    worker.busy = true;
    while (worker.again && !stopped) {
      worker.again = false;
      try {
        const wakeAtMs = await step(worker);
        worker.failures = 0;
        if (worker.stage === 'sync') {
          const nowMs = clock.now();
          const dueInMs = Math.min((wakeAtMs ?? Infinity) - nowMs, activeDeadlineIn(worker.pod, nowMs));
          wakeAfter(worker, Math.min(dueInMs, jitter(resyncMs)));
        }
      } catch (error) {
        if (!worker.abort.signal.aborted || worker.stage !== 'sync') {
          log.warn(
            { err: error, pod: `${worker.identity.namespace}/${worker.identity.name}` },
            'Syncing the pod failed',
          );
          worker.failures += 1;
          wakeAfter(worker, jitter(Math.min(500 * 2 ** worker.failures, 10_000)));
        } else worker.again = true;
      }
    }
    worker.busy = false;
  }

  const jitter = (ms: number): number => ms * (1 + Math.random() * 0.5);

  /** One pass in the worker's stage; gives when to look again. */
  async function step(worker: Worker): Promise<number | undefined> {
    const { identity } = worker;
    const pod = worker.pod && deps.allocations.podOf(worker.pod);
    if (worker.stage === 'sync') {
      if (!mustEnd(worker) && pod) {
        if (hasPredecessor(worker)) return undefined;
        worker.abort = new AbortController();
        const result = await syncPod(sync, pod, identity, worker.reasons, worker.abort.signal);
        if (!result.ended) return result.wakeAtMs;
      }
      worker.stage = 'terminating';
    }
    if (worker.stage === 'terminating') {
      worker.deadline ??= new TerminationDeadline(clock.now() + graceMsOf(worker), () => clock.now());
      const verdict = worker.verdict && { verdict: worker.verdict };
      await syncTerminatingPod(sync, pod, identity, { reasons: worker.reasons, ...verdict }, worker.deadline);
      worker.stage = 'terminated';
      deps.allocations.forget(identity.uid);
      deps.allocations.retry();
      for (const other of workers.values()) if (hasNameOf(other, worker) && other.stage === 'sync') wake(other);
    }
    const deleted = worker.removed || worker.pod?.metadata?.deletionTimestamp !== undefined;
    if (!worker.cleaned) await syncTerminatedPod(sync, identity, deleted);
    if (deleted) {
      worker.cleaned = true;
      deps.onGone(worker.removed ? undefined : worker.pod, identity.uid);
      if (worker.removed) retire(worker);
    }
    return undefined;
  }

  /**
   * A static pod comes after the one of an earlier manifest, whose end wakes it: they may ask for the same ports and folders.
   */
  function hasPredecessor(worker: Worker): boolean {
    if (!worker.pod || !isStaticPod(worker.pod)) return false;
    for (const other of workers.values()) {
      if (other === worker) return false;
      if (hasNameOf(other, worker) && other.stage !== 'terminated') return true;
    }
    return false;
  }

  const hasNameOf = ({ identity }: Worker, { identity: { namespace, name } }: Worker): boolean =>
    identity.name === name && identity.namespace === namespace;

  function retire(worker: Worker): void {
    worker.cancelTimer();
    worker.again = false;
    workers.delete(worker.identity.uid);
    if (worker.successor) update(worker.successor);
  }

  function mustEnd(worker: Worker): boolean {
    const { pod } = worker;
    if (worker.removed || worker.verdict || !pod) return true;
    if (pod.metadata?.deletionTimestamp) return true;
    if (isFinal(pod.status ?? {})) return true;
    if (activeDeadlineIn(pod, clock.now()) > 0) return false;
    worker.verdict = deadlineExceeded;
    sync.recorder.event(pod, 'Normal', deadlineExceeded.reason, deadlineExceeded.message);
    return true;
  }

  const graceMsOf = (worker: Worker): number =>
    graceSecondsOf({
      ...worker,
      labelledGraceSeconds: () => labelledGraceSeconds(sync.cache.status(worker.identity)),
    }) * 1000;

  /** A running sync that the pod's end makes pointless is cut short; a running termination is hurried. */
  function onEnd(worker: Worker): void {
    if (worker.stage === 'sync') worker.abort.abort(new Error('the pod is being terminated'));
    worker.deadline?.shorten(clock.now() + graceMsOf(worker));
    wake(worker);
  }

  function update(pod: Pod): void {
    const { uid = '', name = '', namespace = '' } = pod.metadata ?? {};
    const isNew = !workers.has(uid);
    const worker = workerFor({ uid, name, namespace }, pod);
    if (worker.removed) {
      worker.successor = pod;
      return;
    }
    const before = isNew ? undefined : worker.pod;
    worker.pod = withKind(pod);
    if (isNew && sync.cache.status(worker.identity).containers.length === 0 && !pod.metadata?.deletionTimestamp) {
      const verdict = isFinal(pod.status ?? {}) ? undefined : deps.admit(pod, activePods(uid));
      if (verdict) {
        worker.refused = true;
        sync.recorder.event(worker.pod, 'Warning', verdict.reason, verdict.message);
        worker.verdict = { ...verdict, message: `Pod was rejected: ${verdict.message}` };
      }
    }
    if (isNew) sync.probes.seed(worker.pod);
    if (worker.stage === 'sync' && !worker.verdict) deps.allocations.observe(worker.pod, before);
    if (pod.metadata?.deletionTimestamp) onEnd(worker);
    else wake(worker);
  }

  return {
    update,
    remove(identity) {
      const worker = workerFor(identity, undefined);
      worker.removed = true;
      delete worker.successor;
      onEnd(worker);
    },
    trigger(uid) {
      const worker = workers.get(uid);
      if (worker && worker.stage !== 'terminated') wake(worker);
    },
    evict(uid, { reason, message, condition, graceSeconds }) {
      const worker = workers.get(uid);
      if (!worker?.pod || worker.verdict || worker.stage === 'terminated') return;
      worker.verdict = { phase: 'Failed', reason, message, ...(condition && { condition }) };
      worker.evictionGraceSeconds = graceSeconds;
      onEnd(worker);
    },
    containersChanged(uid) {
      const worker = workers.get(uid);
      if (!worker || worker.stage === 'terminated') return;
      if (worker.stage === 'terminating' || worker.failures === 0) wake(worker);
    },
    retryAll() {
      for (const worker of workers.values()) if (worker.stage !== 'terminated') wake(worker);
    },
    refresh(pod) {
      const worker = workers.get(pod.metadata?.uid ?? '');
      if (worker) worker.pod = withKind(pod);
    },
    active: () => activePods(),
    all: () => [...workers.values()].flatMap(({ pod }) => pod ?? []),
    has: (uid) => workers.has(uid),
    hasEnded: (uid) => (workers.get(uid)?.stage ?? 'terminated') === 'terminated',
    async idle() {
      while ([...workers.values()].some(({ busy }) => busy)) await clock.sleep(5);
    },
    stop() {
      stopped = true;
      for (const worker of workers.values()) {
        worker.cancelTimer();
        if (worker.stage === 'sync') worker.abort.abort(new Error('the kubelet stops'));
      }
    },
  };

  function activePods(except?: string): Pod[] {
    return [...workers.values()]
      .filter(({ identity }) => identity.uid !== except)
      .filter((worker) => {
        const runs = hasRunning(sync.cache.status(worker.identity));
        return holdsResources({ ...worker, terminated: worker.stage === 'terminated', runs });
      })
      .flatMap(({ pod }) => (pod ? deps.allocations.podOf(pod) : []));
  }
}
