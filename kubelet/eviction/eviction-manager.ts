/**
 * Keeps the node alive when memory, disk or process numbers run short: it tells of the pressure, frees what nobody needs, and
 * ends one pod at a time until there is enough again. It also ends pods that take more of the disk than they may (upstream
 * pkg/kubelet/eviction/eviction_manager.go).
 */
import type { Pod, PodCondition } from '../../api/core/v1/pod';
import type { EventRecorder } from '../../client/event-recorder';
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import { isCritical } from './admit-under-pressure';
import { evictionMessage } from './eviction-message';
import { noPressure, observePressure } from './pressure';
import { rankPods, type Usages } from './rank-pods';
import { type Observations, type PressureCondition, type Signal, signals } from './signals';
import type { StorageExcess } from './storage-watch';
import { metThresholds, type Threshold } from './thresholds';

export interface Eviction {
  reason: 'Evicted';
  message: string;
  /** Not for pods that broke a limit of their own. */
  condition?: PodCondition;
  /** At most so long. */
  graceSeconds: number;
}

export interface EvictionDeps {
  nodeName: string;
  thresholds: readonly Threshold[];
  pressureTransitionPeriodMs: number;
  /** For soft thresholds; hard ones give a second. */
  maxPodGracePeriodSeconds: number;
  recorder: EventRecorder;
  clock: Clock;
  log: Logger;
  observe(): Promise<Observations>;
  /** Pods that hold resources of the node. */
  activePods(): Pod[];
  /** What pods use of what the signal tells of. */
  usagesOf(pods: readonly Pod[], signal: Signal): Promise<Usages>;
  /** Pods that took more of the local disk than they may. */
  storageExcesses(pods: readonly Pod[]): Promise<StorageExcess[]>;
  /** Frees what no pod needs of what the signal tells of. False when there never is such a thing. */
  reclaimNodeResources(signal: Signal): Promise<boolean>;
  evict(pod: Pod, eviction: Eviction): void;
  /** Nothing of the pod runs any more. */
  hasEnded(uid: string): boolean;
  onConditions(conditions: ReadonlySet<PressureCondition>): void;
}

export interface EvictionManager {
  conditions(): ReadonlySet<PressureCondition>;
  run(signal: AbortSignal): Promise<void>;
}

const monitoringPeriodMs = 10_000;
const hardGraceSeconds = 1;
/** An evicted pod is waited for before the next one is chosen, but not for ever. */
const cleanupTimeoutMs = 30_000;
const cleanupPollMs = 1_000;

export function createEvictionManager(deps: EvictionDeps): EvictionManager {
  const { thresholds, recorder, clock, log, nodeName } = deps;
  let state = noPressure;
  let conditions: ReadonlySet<PressureCondition> = new Set();

  /** The pods that it evicted. */
  async function synchronize(): Promise<Pod[]> {
    const observations = await deps.observe();
    const times = { nowMs: clock.now(), transitionPeriodMs: deps.pressureTransitionPeriodMs };
    const pressure = observePressure(state, thresholds, observations, times);
    ({ state } = pressure);
    const hasChanged = [...conditions].join() !== [...pressure.conditions].join();
    ({ conditions } = pressure);
    if (hasChanged) deps.onConditions(conditions);

    const excesses = await deps.storageExcesses(deps.activePods().filter((pod) => !isCritical(pod)));
    for (const { pod, message } of excesses) evict(pod, { reason: 'Evicted', message, graceSeconds: hardGraceSeconds });
    if (excesses.length > 0) return excesses.map(({ pod }) => pod);

    const [threshold] = pressure.due;
    if (!threshold) return [];
    const { signal } = threshold;
    const { resource } = signals[signal];
    log.info({ signal, observed: observations.get(signal) }, 'Attempting to reclaim');
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName, uid: nodeName } };
    recorder.event(node, 'Warning', 'EvictionThresholdMet', `Attempting to reclaim ${resource}`);
    if (await reclaimed(signal)) return [];

    const pods = deps.activePods();
    const usages = await deps.usagesOf(pods, signal);
    const pod = rankPods(pods, resource, usages).find((one) => !isCritical(one));
    if (!pod) {
      log.warn({ signal }, 'Unable to evict any pods from the node');
      return [];
    }
    const message = evictionMessage(pod, resource, pressure.due, observations, usages.get(pod.metadata?.uid ?? ''));
    const condition = { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message };
    evict(pod, { reason: 'Evicted', message, condition, graceSeconds: graceSecondsOf(pod, threshold) });
    return [pod];
  }

  function evict(pod: Pod, eviction: Eviction): void {
    recorder.event(pod, 'Warning', eviction.reason, eviction.message);
    deps.evict(pod, eviction);
  }

  /** True when that was enough. */
  async function reclaimed(signal: Signal): Promise<boolean> {
    const tried = await deps.reclaimNodeResources(signal).catch((error: unknown) => {
      log.warn({ err: error, signal }, 'Reclaiming resources of the node failed');
      return true;
    });
    if (!tried) return false;
    return metThresholds(thresholds, await deps.observe(), { withMinReclaim: true }).length === 0;
  }

  function graceSecondsOf({ spec }: Pod, { gracePeriodMs }: Threshold): number {
    if (gracePeriodMs === 0) return hardGraceSeconds;
    const asked = spec?.terminationGracePeriodSeconds ?? Infinity;
    return Math.max(hardGraceSeconds, Math.min(asked, deps.maxPodGracePeriodSeconds));
  }

  async function waitForEnd(pods: readonly Pod[], signal: AbortSignal): Promise<void> {
    const untilMs = clock.now() + cleanupTimeoutMs;
    const haveEnded = (): boolean => pods.every(({ metadata }) => deps.hasEnded(metadata?.uid ?? ''));
    while (!haveEnded() && clock.now() < untilMs) await clock.sleep(cleanupPollMs, signal);
  }

  return {
    conditions: () => conditions,
    async run(signal) {
      while (!signal.aborted) {
        try {
          const evicted = await synchronize();
          if (evicted.length > 0) await waitForEnd(evicted, signal);
          else await clock.sleep(monitoringPeriodMs, signal);
        } catch (error) {
          if (signal.aborted) return;
          log.warn({ err: error }, 'The eviction manager failed to synchronize');
          await clock.sleep(monitoringPeriodMs, signal).catch(() => undefined);
        }
      }
    },
  };
}
