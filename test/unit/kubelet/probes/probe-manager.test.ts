import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Pod } from '../../../../api/core/v1/pod';
import { createLogger } from '../../../../component-base/logger';
import { createProbeManager } from '../../../../kubelet/probes/probe-manager';
import type { ExecSession } from '../../../../kubelet/runtime/runtime';
import { createFakeClock, settle } from '../../../support/fake-clock';
import { container, instance, podOf } from '../pods/pod-fixtures';

function failingExec(): ExecSession {
  const stdout = new PassThrough();
  stdout.end('no');
  const exit = once(stdout, 'end').then(() => 1);
  return { stdout, resize: async () => undefined, exit, close: () => undefined };
}

async function eventsOf(pod: Pod, during: (manager: ReturnType<typeof createProbeManager>) => void): Promise<string[]> {
  const clock = createFakeClock();
  const events: string[] = [];
  const manager = createProbeManager({
    runtime: { exec: async () => failingExec() },
    recorder: { event: (_pod, type, reason, message) => events.push(`${type} ${reason} ${message}`) },
    clock,
    log: createLogger('test'),
    instance: (_pod, name) => instance(name, { startedAtMs: clock.now() }),
    podIp: () => '127.0.0.1',
    onChange: () => undefined,
    random: () => 0,
  });
  manager.addPod(pod);
  during(manager);
  await clock.advance(0);
  await settle();
  manager.removePod(pod.metadata?.uid ?? '');
  return events;
}

describe('the probe manager', () => {
  const exec = { exec: { command: ['false'] }, periodSeconds: 1 };
  const probed = podOf({ containers: [container('app', { readinessProbe: exec, livenessProbe: exec })] });

  it('tells of every probe that fails', async () => {
    const events = await eventsOf(probed, () => undefined);
    expect(events.sort()).toEqual([
      'Warning Unhealthy Liveness probe failed: no',
      'Warning Unhealthy Readiness probe failed: no',
    ]);
  });

  it('goes on with readiness alone, and tells of it, while a pod ends', async () => {
    const events = await eventsOf(probed, (manager) => manager.terminating('u1'));
    expect(events).toEqual(['Warning Unhealthy Readiness probe failed: no']);
  });

  it('tells of a probe that cannot be made', async () => {
    const readinessProbe = { httpGet: { port: 'web' }, periodSeconds: 1 };
    const events = await eventsOf(podOf({ containers: [container('app', { readinessProbe })] }), () => undefined);
    const why = 'strconv.Atoi: parsing "web": invalid syntax';
    expect(events).toEqual([`Warning Unhealthy Readiness probe errored and resulted in unknown state: ${why}`]);
  });
});
