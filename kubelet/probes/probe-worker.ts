/**
 * One probe of one container, over and over: initial delay, period, thresholds (upstream pkg/kubelet/prober/worker.go). The
 * first run is due the moment the container started; a fresh kubelet spreads its first runs over the period.
 */
import type { Probe } from '../../api/core/v1/pod';
import type { Clock } from '../../component-base/clock';
import type { ProbeOutcome } from './prober';

/**
 * A server listens some milliseconds after its process began: a readiness or startup probe that came too early is repeated
 * soon, as if it had not been made, for this long, instead of a period later. Commands are dearer, and keep to their period.
 */
const warmUp = { forMs: 1_000, everyMs: 50 };

export type ProbeKind = 'startup' | 'liveness' | 'readiness';

export interface ProbeWorkerDeps {
  clock: Clock;
  kind: ProbeKind;
  probe: Probe;
  /** The running instance; undefined while there is none. */
  instance(): { id: string; startedAtMs: number } | undefined;
  /** Liveness and readiness wait for the startup probe; the startup probe ends with its success. */
  isStarted(containerId: string): boolean;
  run(containerId: string): Promise<ProbeOutcome>;
  /** A threshold was reached for this instance. */
  onResult(containerId: string, success: boolean): void;
  onOutcome(outcome: ProbeOutcome): void;
}

export interface ProbeWorker {
  /** Probes now instead of at the next tick. */
  trigger(): void;
  stop(): void;
}

export function startProbeWorker(deps: ProbeWorkerDeps, firstDelayMs: number): ProbeWorker {
  const { clock, probe, kind } = deps;
  const periodMs = (probe.periodSeconds ?? 10) * 1000;
  let containerId = '';
  let streak: { result: string; length: number } = { result: '', length: 0 };
  /** After it failed for good, an instance is left alone until a new one runs. */
  let onHold = false;
  let cancel = (): void => undefined;
  let running = false;
  let again = false;
  let stopped = false;

  function schedule(delayMs: number): void {
    cancel();
    if (!stopped) cancel = clock.after(delayMs, () => void tick());
  }

  async function tick(): Promise<void> {
    if (running) {
      again = true;
      return;
    }
    running = true;
    const startedMs = clock.now();
    let tooEarly = false;
    try {
      tooEarly = await probeOnce();
    } finally {
      running = false;
    }
    const nextMs = tooEarly ? warmUp.everyMs : periodMs;
    const delayMs = again ? 0 : Math.max(0, nextMs - (clock.now() - startedMs));
    again = false;
    schedule(delayMs);
  }

  /** True when it came too early to count. */
  async function probeOnce(): Promise<boolean> {
    const instance = deps.instance();
    if (!instance) return false;
    if (instance.id !== containerId) {
      containerId = instance.id;
      streak = { result: '', length: 0 };
      onHold = false;
    }
    if (onHold) return false;
    const started = deps.isStarted(containerId);
    if (kind === 'startup' ? started : !started) return false;
    const delayMs = (probe.initialDelaySeconds ?? 0) * 1000;
    const leftMs = instance.startedAtMs + delayMs - clock.now();
    if (leftMs > 0) return false;
    const probed = containerId;
    const outcome = await deps.run(probed);
    if (stopped || probed !== containerId) return false;
    if (outcome.result === 'failure' && isWarmingUp(instance.startedAtMs)) return true;
    deps.onOutcome(outcome);
    if (outcome.result === 'unknown') return false;
    const success = outcome.result !== 'failure';
    const result = success ? 'success' : 'failure';
    streak = { result, length: streak.result === result ? streak.length + 1 : 1 };
    const threshold = success ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
    if (streak.length < threshold) return false;
    deps.onResult(probed, success);
    if ((kind === 'liveness' || kind === 'startup') && !success) {
      onHold = true;
      streak = { result: '', length: 0 };
    }
    return false;
  }

  function isWarmingUp(startedAtMs: number): boolean {
    if (kind === 'liveness' || probe.exec || probe.initialDelaySeconds || streak.length > 0) return false;
    return clock.now() - startedAtMs < warmUp.forMs;
  }

  schedule(firstDelayMs);
  return {
    trigger: () => {
      if (running) again = true;
      else schedule(0);
    },
    stop() {
      stopped = true;
      cancel();
    },
  };
}
