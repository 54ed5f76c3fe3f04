import { WorkQueue } from '../../../client/work-queue';
import { createFakeClock, settle } from '../../support/fake-clock';

const make = () => {
  const clock = createFakeClock();
  return { clock, queue: new WorkQueue({ clock }) };
};

describe('WorkQueue', () => {
  it('hands a key out once however often it was added', async () => {
    const { queue } = make();
    queue.add('a');
    queue.add('a');
    expect(await queue.get()).toBe('a');
    expect(queue.length).toBe(0);
  });

  it('hands a key that was added during its work out again only after done', async () => {
    const { queue } = make();
    queue.add('a');
    const key = await queue.get();
    queue.add('a');
    expect(queue.length).toBe(0);
    queue.done(key as string);
    expect(await queue.get()).toBe('a');
  });

  it('wakes a worker that waits', async () => {
    const { queue } = make();
    const got = queue.get();
    queue.add('a');
    expect(await got).toBe('a');
  });

  it('keeps the order over many keys', async () => {
    const { queue } = make();
    for (let i = 0; i < 5000; i++) queue.add(String(i));
    for (let i = 0; i < 5000; i++) expect(await queue.get()).toBe(String(i));
  });

  it('adds after a delay, the earliest of several', async () => {
    const { clock, queue } = make();
    queue.addAfter('a', 1000);
    queue.addAfter('a', 500);
    queue.addAfter('a', 2000);
    await clock.advance(499);
    expect(queue.length).toBe(0);
    await clock.advance(1);
    expect(queue.length).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('doubles the back-off from 5 ms up to 1000 s, until forgotten', async () => {
    const { clock, queue } = make();
    const delays: number[] = [];
    for (let i = 0; i < 20; i++) {
      queue.addRateLimited('a');
      const before = clock.now();
      while (queue.length === 0) await clock.advance(5);
      delays.push(clock.now() - before);
      queue.done((await queue.get()) as string);
      if (i === 3) break;
    }
    expect(delays).toEqual([5, 10, 20, 40]);
    expect(queue.numRequeues('a')).toBe(4);
    queue.forget('a');
    expect(queue.numRequeues('a')).toBe(0);
  });

  it('spreads many retries over time', async () => {
    const { clock, queue } = make();
    for (let i = 0; i < 120; i++) queue.addRateLimited(String(i));
    await clock.advance(5);
    expect(queue.length).toBe(100);
    await clock.advance(2000);
    expect(queue.length).toBe(120);
  });

  it('hands out what waits after shutdown, then nothing, and takes nothing more', async () => {
    const { queue } = make();
    queue.add('a');
    queue.addAfter('later', 10);
    queue.shutDown();
    queue.add('b');
    expect(await queue.get()).toBe('a');
    expect(await queue.get()).toBeUndefined();
  });

  it('drains: resolves when the last key is done', async () => {
    const { queue } = make();
    queue.add('a');
    const key = await queue.get();
    let drained = false;
    void queue.shutDownWithDrain().then(() => (drained = true));
    await settle();
    expect(drained).toBe(false);
    queue.done(key as string);
    await settle();
    expect(drained).toBe(true);
  });

  it('releases waiting workers on shutdown', async () => {
    const { queue } = make();
    const got = queue.get();
    queue.shutDown();
    expect(await got).toBeUndefined();
  });
});
