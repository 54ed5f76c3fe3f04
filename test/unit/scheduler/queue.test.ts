import type { ClusterEvent } from '../../../scheduler/framework';
import { defaultPlugins } from '../../../scheduler/plugins';
import { SchedulingQueue } from '../../../scheduler/queue';
import { createFakeClock, settle } from '../../support/fake-clock';
import { makeNode, makePod } from '../../support/scheduling';

const start = () => {
  const clock = createFakeClock();
  return { clock, queue: new SchedulingQueue({ clock, plugins: defaultPlugins }) };
};
const resources = new Set(['NodeResourcesFit']);
const nodeAdded: ClusterEvent = { type: 'nodeAdded', node: makeNode('n') };

describe('SchedulingQueue', () => {
  it('hands out by priority, then by arrival', async () => {
    const { clock, queue } = start();
    queue.add(makePod('first'));
    await clock.advance(1);
    queue.add(makePod('second'));
    queue.add(makePod('important', { priority: 10 }));
    const order = [await queue.pop(), await queue.pop(), await queue.pop()].map((each) => each?.info.pod.metadata.name);
    expect(order).toEqual(['important', 'first', 'second']);
  });

  it('wakes a waiting loop', async () => {
    const { queue } = start();
    const popped = queue.pop();
    queue.add(makePod('a'));
    expect((await popped)?.uid).toBe('uid-a');
  });

  it('keeps an unschedulable pod until an event that may help, then waits out its back-off', async () => {
    const { clock, queue } = start();
    const pod = makePod('a', { requests: { cpu: '1' } });
    queue.add(pod);
    queue.requeue((await queue.pop())!, pod, resources);
    expect(queue.sizes).toEqual({ active: 0, backoff: 0, unschedulable: 1 });
    queue.handleEvent({ type: 'nodeAdded', node: makeNode('small', { allocatable: { cpu: '500m' } }) });
    expect(queue.sizes.unschedulable).toBe(1);
    queue.handleEvent(nodeAdded);
    expect(queue.sizes).toEqual({ active: 0, backoff: 1, unschedulable: 0 });
    await clock.advance(999);
    expect(queue.sizes.active).toBe(0);
    await clock.advance(1);
    expect(queue.sizes.active).toBe(1);
  });

  it('does not wait out the back-off of a decision while nothing else is to do, only that of an error', async () => {
    const { clock, queue } = start();
    const [pod, broken] = [makePod('a'), makePod('broken')];
    queue.add(pod);
    queue.requeue((await queue.pop())!, pod, resources);
    queue.add(broken);
    queue.requeue((await queue.pop())!, broken, new Set());
    const popped = queue.pop();
    queue.handleEvent(nodeAdded);
    expect((await popped)?.uid).toBe('uid-a');
    const next = queue.pop();
    await clock.advance(1000);
    expect((await next)?.uid).toBe('uid-broken');
  });

  it('goes straight to the active queue when the back-off is over', async () => {
    const { clock, queue } = start();
    const pod = makePod('a');
    queue.add(pod);
    queue.requeue((await queue.pop())!, pod, resources);
    await clock.advance(1000);
    queue.handleEvent(nodeAdded);
    expect(queue.sizes.active).toBe(1);
  });

  it('does not miss an event that came during the try', async () => {
    const { queue } = start();
    const pod = makePod('a');
    queue.add(pod);
    const queued = (await queue.pop())!;
    queue.handleEvent(nodeAdded);
    queue.requeue(queued, pod, resources);
    expect(queue.sizes.backoff).toBe(1);
  });

  it('doubles the back-off of failures from 1 s to 10 s', async () => {
    const { clock, queue } = start();
    const pod = makePod('a');
    queue.add(pod);
    const delays: number[] = [];
    for (let i = 0; i < 6; i++) {
      const queued = (await queue.pop())!;
      queue.requeue(queued, pod, new Set());
      const before = clock.now();
      while (queue.sizes.active === 0) await clock.advance(500);
      delays.push(clock.now() - before);
    }
    expect(delays).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  it('tries again after five minutes whatever happened', async () => {
    const { clock, queue } = start();
    const pod = makePod('a');
    queue.add(pod);
    queue.requeue((await queue.pop())!, pod, resources);
    await clock.advance(300_000);
    queue.flushUnschedulable();
    expect(queue.sizes.unschedulable).toBe(1);
    await clock.advance(1);
    queue.flushUnschedulable();
    expect(queue.sizes.active).toBe(1);
  });

  it('wakes a pod whose spec changed, not one whose status did', async () => {
    const { queue } = start();
    const pod = makePod('a');
    queue.add(pod);
    queue.requeue((await queue.pop())!, pod, resources);
    queue.update({ ...pod, status: { message: 'x' } });
    expect(queue.sizes.unschedulable).toBe(1);
    queue.update(makePod('a', { tolerations: [{ operator: 'Exists' }] }));
    expect(queue.sizes.backoff).toBe(1);
  });

  it('leaves gated pods out until their gates are gone', () => {
    const { queue } = start();
    queue.add(makePod('a', { schedulingGates: [{ name: 'wait' }] }));
    expect(queue.sizes.active).toBe(0);
    queue.update(makePod('a'));
    expect(queue.sizes.active).toBe(1);
  });

  it('forgets deleted pods, also during their try, and recreated ones are new', async () => {
    const { queue } = start();
    const pod = makePod('a');
    queue.add(pod);
    const queued = (await queue.pop())!;
    queue.delete(pod.metadata.uid);
    queue.requeue(queued, undefined, resources);
    queue.requeue(queued, { ...pod, metadata: { ...pod.metadata, uid: 'other' } }, resources);
    expect(queue.sizes).toEqual({ active: 0, backoff: 0, unschedulable: 0 });
  });

  it('leaves out a pod that has a node when its try ends', async () => {
    const { queue } = start();
    queue.add(makePod('a'));
    queue.requeue((await queue.pop())!, makePod('a', { nodeName: 'n' }), new Set());
    expect(queue.sizes).toEqual({ active: 0, backoff: 0, unschedulable: 0 });
  });

  it('ends the loop when closed', async () => {
    const { queue } = start();
    const popped = queue.pop();
    queue.close();
    await settle();
    expect(await popped).toBeUndefined();
  });
});
