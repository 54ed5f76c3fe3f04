/**
 * The scheduling loop: follows pods and nodes, decides for one pod at a time, and carries decisions out beside the loop, so
 * that throughput is not bound by round trips. Upstream: `pkg/scheduler/scheduler.go`, `eventhandlers.go`, `schedule_one.go`.
 */
import { type Pod, pods } from '../api/core/v1/pod';
import { podDisruptionBudgets } from '../api/policy/v1/poddisruptionbudget';
import { isConflict, isNotFound } from '../api/meta/status-error';
import { keyOf, type Stored } from '../api/meta/types';
import type { InformerFactory } from '../client/informer';
import { newer } from '../client/newer';
import type { Metrics } from '../component-base/metrics';
import { type ActDeps, asPod, bindPod, evictVictims, withdrawNomination } from './act';
import { SchedulerCache } from './cache';
import { createClusterView } from './cluster-view';
import { followNodes, followPods, followStorage } from './follow-cluster';
import type { Plugin } from './framework';
import { schedulerMetrics } from './metrics';
import type { PodInfo } from './node-info';
import type { PreemptionPlan } from './preemption';
import { type QueuedPod, SchedulingQueue } from './queue';
import { type Decision, schedulePod } from './schedule-pod';
import { WaitReports } from './wait-reports';

export interface SchedulerDeps extends ActDeps {
  informers: InformerFactory;
  plugins: readonly Plugin[];
  metrics?: Metrics;
  random?: () => number;
}

/** Binding requests under way at a time. */
const maxBinding = 32;
/** The loop lets others (watch events, answers) have their turn at least this often. */
const sliceMs = 10;
const flushPeriodMs = 30_000;

/** Pods that ended need no node and use none. */
const podScope = { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' };

/** Schedules until the signal aborts; resolves when the last binding has ended. */
export async function runScheduler(deps: SchedulerDeps, signal: AbortSignal): Promise<void> {
  const { clock, informers, log, plugins, random = Math.random } = deps;
  const cache = new SchedulerCache(clock);
  const queue = new SchedulingQueue({ clock, plugins });
  const reports = new WaitReports(deps);
  const view = createClusterView(informers);
  const podInformer = informers.informer(pods, podScope);
  const budgets = informers.informer(podDisruptionBudgets).lister;
  const observed = deps.metrics && schedulerMetrics(deps.metrics, queue);

  followNodes(informers, cache, queue);
  followPods(podInformer, cache, queue);
  followStorage(informers, queue);

  informers.start(signal);
  await informers.waitForSync(signal);
  signal.addEventListener('abort', () => queue.close(), { once: true });
  if (signal.aborted) queue.close();
  const flushing = flushRegularly();

  const acting = new Set<Promise<void>>();
  const waitingForSlot: (() => void)[] = [];
  let binding = 0;
  const slot = async (): Promise<void> => {
    if (binding >= maxBinding) await new Promise<void>((resolve) => waitingForSlot.push(resolve));
    else binding += 1;
  };
  const release = (): void => {
    const next = waitingForSlot.shift();
    if (next) next();
    else binding -= 1;
  };

  let sliceStart = clock.now();
  for (let queued = await queue.pop(); queued; queued = await queue.pop()) {
    const task = tryPod(queued).finally(() => acting.delete(task));
    acting.add(task);
    if (clock.now() - sliceStart < sliceMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    sliceStart = clock.now();
  }
  await Promise.all(acting);
  await flushing;

  /** Decides before its first await; acts after. Never rejects. */
  async function tryPod(queued: QueuedPod): Promise<void> {
    const startedAt = clock.now();
    const pod = podInformer.lister.get(queued.info.key);
    if (pod?.metadata.uid !== queued.uid || pod.spec?.nodeName || cache.isAssumed(queued.uid)) {
      queue.done(queued.uid);
      return;
    }
    if (pod.metadata.deletionTimestamp) {
      queue.done(queued.uid);
      const message = `skip schedule deleting pod: ${keyOf(pod)}`;
      deps.recorder.event(asPod(pod), 'Warning', 'FailedScheduling', message);
      return;
    }
    try {
      const decision = schedulePod({
        pod: queued.info,
        nodes: cache.nodes(),
        plugins,
        view,
        budgets: budgets.list(),
        nominatedOn: (nodeName) => cache.nominatedOn(nodeName).filter((other) => mustRespect(queued.info, other)),
        random,
      });
      if (decision.action === 'bind') await bind(queued, decision.nodeName, startedAt);
      else await wait(queued, pod, decision, startedAt);
    } catch (error) {
      await failed(queued, error, startedAt);
    }
  }

  async function bind(queued: QueuedPod, nodeName: string, startedAt: number): Promise<void> {
    if (cache.assume(queued.info, nodeName)) queue.handleEvent({ type: 'podDeleted', pod: queued.info.pod });
    queue.done(queued.uid);
    try {
      await slot();
      try {
        await bindPod(deps, queued.info.pod, nodeName);
      } finally {
        release();
      }
      cache.finishBinding(queued.uid);
      observed?.attempt('scheduled', (clock.now() - startedAt) / 1000);
    } catch (error) {
      const pod = queued.info.pod;
      cache.forget(queued.uid);
      // Room that was taken for nothing is free again.
      queue.handleEvent({ type: 'podDeleted', pod });
      throw error;
    }
  }

  async function wait(
    queued: QueuedPod,
    pod: Stored<Pod>,
    decision: Extract<Decision, { action: 'wait' }>,
    startedAt: number,
  ): Promise<void> {
    const { message, plugins: rejectedBy, preemption, nominatedNodeName } = decision;
    log.debug({ pod: queued.info.key, reason: message }, 'Unable to schedule pod');
    observed?.attempt('unschedulable', (clock.now() - startedAt) / 1000);
    const leftRoom = nominatedNodeName !== undefined && cache.nominate(queued.info, nominatedNodeName);
    if (leftRoom) queue.handleEvent({ type: 'podDeleted', pod });
    if (preemption) return preempt(queued, pod, message, preemption, rejectedBy);
    queue.requeue(queued, podInformer.lister.get(queued.info.key), rejectedBy);
    await reports.report(queued, pod, { reason: 'Unschedulable', message, nominatedNodeName });
  }

  /** The pod is not tried again before its victims were told to go: it might choose others. The queue keeps what happens. */
  async function preempt(
    queued: QueuedPod,
    pod: Stored<Pod>,
    message: string,
    plan: PreemptionPlan,
    rejectedBy: ReadonlySet<string>,
  ): Promise<void> {
    const { info } = queued;
    const { nodeName } = plan;
    const reporting = reports.report(queued, pod, { reason: 'Unschedulable', message, nominatedNodeName: nodeName });
    const lesser = cache.nominatedOn(nodeName).filter(({ priority }) => priority < info.priority);
    for (const other of lesser) cache.nominate(other, '');
    const withdrawing = lesser.map((other) => withdrawNomination(deps, other.pod));
    const evicted = await evictVictims(deps, info, plan).then(
      () => true,
      (error: unknown) => {
        log.error({ err: error, pod: info.key }, 'Could not evict for preemption');
        return false;
      },
    );
    const [reported] = await Promise.all([reporting, ...withdrawing]);
    const watched = podInformer.lister.get(info.key);
    // Without its victims gone nothing would wake it: then it tries again as after an error.
    queue.requeue(queued, watched && newer(watched, reported), evicted ? rejectedBy : new Set());
  }

  /** An error, no decision: tried again after the back-off, unless the pod is gone or has a node. */
  async function failed(queued: QueuedPod, error: unknown, startedAt: number): Promise<void> {
    const pod = podInformer.lister.get(queued.info.key);
    queue.requeue(queued, isNotFound(error) ? undefined : pod, new Set());
    if (signal.aborted || isNotFound(error) || !pod || pod.spec?.nodeName) return;
    observed?.attempt('error', (clock.now() - startedAt) / 1000);
    if (isConflict(error)) log.debug({ err: error, pod: queued.info.key }, 'Conflict while binding');
    else log.error({ err: error, pod: queued.info.key }, 'Error scheduling pod; retrying');
    const message = error instanceof Error ? error.message : String(error);
    await reports.report(queued, pod, { reason: 'SchedulerError', message });
  }

  async function flushRegularly(): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(flushPeriodMs, signal).catch(() => {});
      queue.flushUnschedulable();
      cache.expireAssumed();
    }
  }
}

/** Room that is being made for pods of at least its own priority is not a pod's to take. */
const mustRespect = (pod: PodInfo, nominated: PodInfo): boolean =>
  nominated.priority >= pod.priority && nominated.pod.metadata.uid !== pod.pod.metadata.uid;
