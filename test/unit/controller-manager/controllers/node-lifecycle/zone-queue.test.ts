import { ZoneQueue } from '../../../../../controller-manager/controllers/node-lifecycle/zone-queue';

describe('ZoneQueue', () => {
  it('lets the first node through at once and the next ones at the rate', () => {
    const queue = new ZoneQueue(0.1, 0);
    for (const name of ['a', 'b', 'c']) queue.add(name);
    expect(queue.take(0)).toEqual(['a']);
    expect(queue.take(5000)).toEqual([]);
    expect(queue.take(10_000)).toEqual(['b']);
    queue.remove('c');
    expect(queue.take(60_000)).toEqual([]);
  });
  it('holds everything back at rate zero', () => {
    const queue = new ZoneQueue(0.1, 0);
    queue.setRate(0, 0);
    queue.add('a');
    expect(queue.take(100_000)).toEqual([]);
    queue.setRate(0.1, 100_000);
    expect(queue.take(110_000)).toEqual(['a']);
  });
  it('goes on at its rate when the clock is set back', () => {
    const queue = new ZoneQueue(0.1, 3_600_000);
    for (const name of ['a', 'b']) queue.add(name);
    expect(queue.take(3_600_000)).toEqual(['a']);
    expect(queue.take(0)).toEqual([]);
    expect(queue.take(10_000)).toEqual(['b']);
  });
});
