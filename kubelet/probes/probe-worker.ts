/**
 * One probe of one container, over and over: initial delay, period, thresholds (upstream pkg/kubelet/prober/worker.go). The
 * first run is due the moment the container started; a fresh kubelet spreads its first runs over the period.
 */
import type { Probe } from '../../api/core/v1/pod';
import type { Clock } from '../../component-base/clock';
import type { ProbeOutcome } from './prober';

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
    try {
      await probeOnce();
    } finally {
      running = false;
    }
    const delayMs = again ? 0 : Math.max(0, periodMs - (clock.now() - startedMs));
    again = false;
    schedule(delayMs);
  }

  async function probeOnce(): Promise<void> {
    const instance = deps.instance();
    if (!instance) return;
    if (instance.id !== containerId) {
      containerId = instance.id;
      streak = { result: '', length: 0 };
      onHold = false;
    }
    if (onHold) return;
    const started = deps.isStarted(containerId);
    if (kind === 'startup' ? started : !started) return;
    const delayMs = (probe.initialDelaySeconds ?? 0) * 1000;
    const leftMs = instance.startedAtMs + delayMs - clock.now();
    if (leftMs > 0) return;
    const probed = containerId;
    const outcome = await deps.run(probed);
    if (stopped || probed !== containerId || outcome.result === 'unknown') return;
    deps.onOutcome(outcome);
    streak = { result: outcome.result, length: streak.result === outcome.result ? streak.length + 1 : 1 };
    const success = outcome.result === 'success';
    const threshold = success ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
    if (streak.length < threshold) return;
    deps.onResult(probed, success);
    if ((kind === 'liveness' || kind === 'startup') && !success) {
      onHold = true;
      streak = { result: '', length: 0 };
    }
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
