import pino from 'pino';
import type { Pod } from '../../../api/core/v1/pod';
import { newNotFound, newServiceUnavailable } from '../../../api/meta/status-error';
import type { Clock } from '../../../component-base/clock';
import { createStatusManager, type StatusManager } from '../../../kubelet/status-manager';

const pod = (more: object = {}): Pod => ({
  metadata: { name: 'web', namespace: 'default', uid: 'u1', resourceVersion: '1', ...more },
  status: { phase: 'Pending' },
});

describe('the status manager', () => {
  let api: Pod | undefined;
  let calls: string[];
  let fail: Error | undefined;
  let timers: (() => void)[];
  let nowMs: number;
  let manager: StatusManager;

  const settle = async (): Promise<void> => {
    for (let i = 0; i < 30; i += 1) await Promise.resolve();
  };

  beforeEach(() => {
    api = pod();
    calls = [];
    fail = undefined;
    timers = [];
    nowMs = 0;
    const clock: Clock = {
      now: () => nowMs,
      after: (_ms, call) => {
        timers.push(call);
        return () => undefined;
      },
      sleep: async () => undefined,
    };
    const client = {
      patch: async (_def: unknown, _name: string, _namespace: string, patch: { status: { phase?: string } }) => {
        if (fail) throw fail;
        calls.push(`patch ${patch.status.phase}`);
        return {
          ...api,
          status: { ...api?.status, ...patch.status },
          metadata: { ...api?.metadata, resourceVersion: '2' },
        };
      },
      delete: async (_def: unknown, name: string, _namespace: string, options: object) => {
        calls.push(`delete ${name} ${JSON.stringify(options)}`);
      },
    };
    manager = createStatusManager({
      client: client as never,
      clock,
      log: pino({ level: 'silent' }),
      current: () => api as never,
    });
  });

  it('sends a status once, and the latest one', async () => {
    manager.set(pod(), { phase: 'Running' });
    manager.set(pod(), { phase: 'Running' });
    await settle();
    manager.set(pod(), { phase: 'Succeeded' });
    await settle();
    expect(calls).toEqual(['patch Running', 'patch Succeeded']);
  });

  it('tells which generation it has seen with the next news, or after a while', async () => {
    const conditions = (generation: number) => [
      { type: 'Ready', status: 'True' as const, observedGeneration: generation },
    ];
    manager.set(pod(), { phase: 'Running', observedGeneration: 1, conditions: conditions(1) });
    await settle();
    manager.set(pod(), { phase: 'Running', observedGeneration: 2, conditions: conditions(2) });
    manager.observe('u1');
    await settle();
    expect(calls).toEqual(['patch Running']);
    manager.set(pod(), { phase: 'Failed', observedGeneration: 2, conditions: conditions(2) });
    await settle();
    expect(calls).toEqual(['patch Running', 'patch Failed']);
    manager.set(pod(), { phase: 'Failed', observedGeneration: 3, conditions: conditions(3) });
    await settle();
    expect(calls).toHaveLength(2);
    nowMs = 1_000;
    timers.at(-1)?.();
    await settle();
    expect(calls).toHaveLength(3);
    // The next one waits again.
    manager.set(pod(), { phase: 'Failed', observedGeneration: 4, conditions: conditions(4) });
    await settle();
    expect(calls).toHaveLength(3);
  });

  it('compares with what the API answered, not with an older watch', async () => {
    manager.set(pod(), { phase: 'Running' });
    await settle();
    manager.set(pod(), { phase: 'Pending' });
    await settle();
    expect(calls).toEqual(['patch Running', 'patch Pending']);
  });

  it('waits without effort for an object that is not there', async () => {
    api = undefined;
    manager.set(pod(), { phase: 'Running' });
    await settle();
    expect(calls).toEqual([]);
    api = pod();
    manager.observe('u1');
    await settle();
    expect(calls).toEqual(['patch Running']);
  });

  it('tries again when the API is away', async () => {
    fail = newServiceUnavailable('away');
    manager.set(pod(), { phase: 'Running' });
    await settle();
    expect(timers).toHaveLength(1);
    fail = undefined;
    timers[0]?.();
    await settle();
    expect(calls).toEqual(['patch Running']);
  });

  it('tells the mirror of a static pod again when it was made again', async () => {
    const own = pod({ annotations: { 'kubernetes.io/config.source': 'file' } });
    api = pod({ uid: 'mirror-1' });
    manager.set(own, { phase: 'Running' });
    await settle();
    api = pod({ uid: 'mirror-2' });
    manager.observe('u1');
    await settle();
    manager.observe('u1');
    await settle();
    expect(calls).toEqual(['patch Running', 'patch Running']);
    // The third comes while the status is on its way to the second, which is gone.
    fail = newNotFound({ group: '', resource: 'pods' }, 'web');
    manager.set(own, { phase: 'Failed' });
    fail = undefined;
    api = pod({ uid: 'mirror-3' });
    manager.observe('u1');
    await settle();
    expect(calls).toEqual(['patch Running', 'patch Running', 'patch Failed']);
  });

  it('gives up on a pod that is gone', async () => {
    fail = newNotFound({ group: '', resource: 'pods' }, 'web');
    manager.set(pod(), { phase: 'Running' });
    await settle();
    expect(manager.get('u1')).toBeUndefined();
    expect(timers).toEqual([]);
  });

  it('deletes the object of a finished pod after its last status', async () => {
    api = pod({ deletionTimestamp: 'now' });
    manager.set(pod(), { phase: 'Succeeded' });
    manager.finish(pod());
    await settle();
    expect(calls).toEqual(['patch Succeeded', 'delete web {"gracePeriodSeconds":0,"preconditions":{"uid":"u1"}}']);
  });
});
