import type { Pod } from '../../../../api/core/v1/pod';
import type { Service } from '../../../../api/core/v1/service';
import { isLeavingServices, waitForEndpoints } from '../../../../kubelet/pods/endpoint-grace';
import { TerminationDeadline } from '../../../../kubelet/pods/termination-deadline';
import { createFakeClock } from '../../../support/fake-clock';

const pod = (metadata: object = {}, ready = 'True'): Pod => ({
  metadata: {
    namespace: 'default',
    labels: { app: 'web', tier: 'one' },
    deletionTimestamp: new Date(0),
    ...metadata,
  } as never,
  status: { conditions: [{ type: 'Ready', status: ready }] },
});

const service = (selector: Record<string, string> | undefined, namespace = 'default'): Service => ({
  metadata: { name: 'web', namespace },
  spec: { ...(selector && { selector }) },
});

describe('isLeavingServices', () => {
  const web = service({ app: 'web' });
  it.each([
    ['a deleted, ready pod that a Service selects', pod(), web, true],
    ['one that is not deleted', pod({ deletionTimestamp: undefined }), web, false],
    ['one that is not ready', pod({}, 'False'), web, false],
    ['one of another namespace', pod(), service({ app: 'web' }, 'other'), false],
    ['one with other labels', pod(), service({ app: 'web', tier: 'two' }), false],
    ['a Service without selector', pod(), service(undefined), false],
    ['a Service with an empty selector', pod(), service({}), false],
  ])('%s', (_what, leaving, one, expected) => {
    expect(isLeavingServices(leaving, [one])).toBe(expected);
  });
});

describe('waitForEndpoints', () => {
  it.each([
    [30_000, 500],
    [200, 200],
  ])('with %d ms of grace left waits %d ms', async (graceMs, waitMs) => {
    const clock = createFakeClock();
    const begin = clock.now();
    const waiting = waitForEndpoints(clock, new TerminationDeadline(begin + graceMs, () => clock.now()));
    let done = false;
    void waiting.then(() => (done = true));
    await clock.advance(waitMs - 1);
    expect(done).toBe(false);
    await clock.advance(1);
    await waiting;
    expect(done).toBe(true);
  });

  it('is cut by a deletion with a shorter grace', async () => {
    const clock = createFakeClock();
    const deadline = new TerminationDeadline(clock.now() + 30_000, () => clock.now());
    const waiting = waitForEndpoints(clock, deadline);
    deadline.shorten(clock.now());
    await expect(waiting).resolves.toBeUndefined();
  });
});
