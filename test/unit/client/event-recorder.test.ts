import type { Event } from '../../../api/core/v1/event';
import { newNotFound } from '../../../api/meta/status-error';
import { createEventRecorder } from '../../../client/event-recorder';
import type { RestClient } from '../../../client/rest-client';
import { createLogger } from '../../../component-base/logger';
import { createFakeClock } from '../../support/fake-clock';

const log = createLogger('test');
log.level = 'silent';
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'ns', uid: 'u1', resourceVersion: '7' },
};

function start() {
  const clock = createFakeClock();
  const created: Event[] = [];
  const patched: { name: string; patch: object }[] = [];
  const fail: Error[] = [];
  const client = {
    create: async (_def: unknown, event: Event) => {
      const error = fail.shift();
      if (error) throw error;
      created.push(event);
      return event;
    },
    patch: async (_def: unknown, name: string, _ns: string, patch: object) => {
      const error = fail.shift();
      if (error) throw error;
      patched.push({ name, patch });
      return { ...created.find(({ metadata }) => metadata?.name === name), ...patch };
    },
  } as unknown as RestClient;
  const recorder = createEventRecorder({ client, clock, component: 'default-scheduler', log });
  return { clock, created, patched, fail, recorder };
}

describe('event recorder', () => {
  it("writes upstream's fields", async () => {
    const { created, recorder } = start();
    recorder.event(pod, 'Warning', 'FailedScheduling', 'no room', 'spec.containers{a}');
    await recorder.flush();
    expect(created[0]).toMatchObject({
      metadata: { namespace: 'ns', name: expect.stringMatching(/^web\.[0-9a-f]+$/) as string },
      involvedObject: {
        apiVersion: 'v1',
        kind: 'Pod',
        name: 'web',
        namespace: 'ns',
        uid: 'u1',
        fieldPath: 'spec.containers{a}',
      },
      reason: 'FailedScheduling',
      type: 'Warning',
      count: 1,
      source: { component: 'default-scheduler' },
      reportingComponent: 'default-scheduler',
    });
  });

  it('counts repeats in the first event', async () => {
    const { clock, created, patched, recorder } = start();
    for (let i = 0; i < 3; i++) {
      recorder.event(pod, 'Warning', 'BackOff', 'again');
      await recorder.flush();
      await clock.advance(1000);
    }
    expect(created).toHaveLength(1);
    expect(patched.map(({ patch }) => (patch as Event).count)).toEqual([2, 3]);
    expect(patched[0]?.name).toBe(created[0]?.metadata?.name);
  });

  it('combines similar events from the tenth message on', async () => {
    const { created, patched, recorder } = start();
    for (let i = 0; i < 12; i++) recorder.event(pod, 'Warning', 'Failed', `try ${i}`);
    await recorder.flush();
    expect(created).toHaveLength(10);
    expect(created[9]?.message).toBe('(combined from similar events): try 9');
    expect(patched.map(({ patch }) => (patch as Event).message)).toEqual([
      '(combined from similar events): try 10',
      '(combined from similar events): try 11',
    ]);
  });

  it('drops what comes too often from one source about one object', async () => {
    const { created, patched, recorder } = start();
    for (let i = 0; i < 40; i++) recorder.event(pod, 'Normal', 'Pulled', 'same');
    recorder.event({ ...pod, metadata: { ...pod.metadata, uid: 'u2' } }, 'Normal', 'Pulled', 'same');
    await recorder.flush();
    expect(created.length + patched.length).toBe(26);
  });

  it('writes a new event when the counted one expired', async () => {
    const { created, fail, recorder } = start();
    recorder.event(pod, 'Normal', 'Pulled', 'same');
    await recorder.flush();
    fail.push(newNotFound({ group: '', resource: 'events' }, 'x'));
    recorder.event(pod, 'Normal', 'Pulled', 'same');
    await recorder.flush();
    expect(created.map(({ count }) => count)).toEqual([1, 2]);
  });

  it('keeps trying while the server is away', async () => {
    const { clock, created, fail, recorder } = start();
    fail.push(new Error('ECONNREFUSED'), new Error('ECONNREFUSED'));
    recorder.event(pod, 'Normal', 'Pulled', 'same');
    await clock.advance(20_000);
    expect(created).toHaveLength(1);
  });
});
