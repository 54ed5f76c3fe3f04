import type { Clock } from '../../../../component-base/clock';
import type { ProbeOutcome } from '../../../../kubelet/probes/prober';
import { type ProbeKind, startProbeWorker } from '../../../../kubelet/probes/probe-worker';

/** Time that moves only when told to. */
class FakeClock implements Clock {
  private at = 0;
  private timers: { at: number; call: () => void }[] = [];
  now = (): number => this.at;
  after(delayMs: number, call: () => void): () => void {
    const timer = { at: this.at + delayMs, call };
    this.timers.push(timer);
    return () => (this.timers = this.timers.filter((other) => other !== timer));
  }
  sleep = async (): Promise<void> => undefined;
  async advance(ms: number): Promise<void> {
    const end = this.at + ms;
    for (;;) {
      const next = this.timers.sort((a, b) => a.at - b.at)[0];
      if (!next || next.at > end) break;
      this.timers.shift();
      this.at = next.at;
      next.call();
      for (let i = 0; i < 10; i += 1) await Promise.resolve();
    }
    this.at = end;
  }
}

describe('a probe worker', () => {
  let clock: FakeClock;
  let outcome: ProbeOutcome['result'];
  let runs: number[];
  let results: [string, boolean][];
  let instance: { id: string; startedAtMs: number } | undefined;
  let started: boolean;

  const start = (kind: ProbeKind, probe: object) =>
    startProbeWorker(
      {
        clock,
        kind,
        probe: { periodSeconds: 1, failureThreshold: 2, ...probe },
        instance: () => instance,
        isStarted: () => started,
        run: async () => {
          runs.push(clock.now());
          return { result: outcome, output: '' };
        },
        onResult: (id, success) => results.push([id, success]),
        onOutcome: () => undefined,
      },
      0,
    );

  beforeEach(() => {
    clock = new FakeClock();
    outcome = 'success';
    runs = [];
    results = [];
    instance = { id: 'c1', startedAtMs: 0 };
    started = true;
  });

  it('probes at once, then every period', async () => {
    start('readiness', {});
    await clock.advance(2000);
    expect(runs).toEqual([0, 1000, 2000]);
    expect(results[0]).toEqual(['c1', true]);
  });

  it.each([
    ['readiness', { httpGet: {} }, [0, 50, 100, 150, 1150]],
    ['readiness', { exec: {} }, [0, 1000]],
    ['readiness', { httpGet: {}, failureThreshold: 1, initialDelaySeconds: 1 }, [1000]],
    ['liveness', { httpGet: {} }, [0, 1000]],
  ] as const)('repeats a %s probe %j that came before the server listened at %j', async (kind, probe, expected) => {
    outcome = 'failure';
    start(kind, probe);
    await clock.advance(149);
    outcome = 'success';
    await clock.advance(1001);
    expect(runs).toEqual(expected);
    expect(results.every(([, success]) => success)).toBe(true);
  });

  it('counts failures once the warm-up is over', async () => {
    outcome = 'failure';
    start('readiness', { httpGet: {}, periodSeconds: 10 });
    await clock.advance(1000);
    expect(results).toEqual([]);
    await clock.advance(10_000);
    expect(results).toEqual([['c1', false]]);
  });

  it('probes a container the moment it starts', async () => {
    instance = undefined;
    const worker = start('readiness', {});
    await clock.advance(300);
    instance = { id: 'c1', startedAtMs: 300 };
    worker.trigger();
    await clock.advance(0);
    expect(runs).toEqual([300]);
  });

  it('waits for the initial delay', async () => {
    start('liveness', { initialDelaySeconds: 3 });
    await clock.advance(3500);
    expect(runs).toEqual([3000]);
  });

  it('fails only at the threshold, and then leaves the instance alone', async () => {
    outcome = 'failure';
    start('liveness', {});
    await clock.advance(500);
    expect(results).toEqual([]);
    await clock.advance(5000);
    expect(results).toEqual([['c1', false]]);
    expect(runs).toEqual([0, 1000]);
    instance = { id: 'c2', startedAtMs: 6000 };
    await clock.advance(2000);
    expect(runs.length).toBeGreaterThan(2);
  });

  it('keeps liveness waiting until the container has started', async () => {
    started = false;
    start('liveness', {});
    await clock.advance(1500);
    expect(runs).toEqual([]);
    started = true;
    await clock.advance(1000);
    expect(runs).toEqual([2000]);
  });

  it('learns nothing from a probe that could not be made', async () => {
    outcome = 'unknown';
    start('readiness', {});
    await clock.advance(5000);
    expect(results).toEqual([]);
  });
});
