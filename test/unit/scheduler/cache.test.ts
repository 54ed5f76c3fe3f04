import { SchedulerCache } from '../../../scheduler/cache';
import { createFakeClock } from '../../support/fake-clock';
import { makeNode, makePod, podInfo } from '../../support/scheduling';

const start = () => {
  const clock = createFakeClock();
  const cache = new SchedulerCache(clock);
  cache.setNode(makeNode('n1'));
  const used = (): number | undefined => cache.nodes()[0]?.requested['cpu'];
  return { clock, cache, used };
};
const big = { requests: { cpu: '1' } };

describe('SchedulerCache', () => {
  it('counts an assumed pod once, before and after the watch confirms it', () => {
    const { cache, used } = start();
    cache.assume(podInfo('a', big), 'n1');
    expect(used()).toBe(1000);
    expect(cache.isAssumed('uid-a')).toBe(true);
    cache.finishBinding('uid-a');
    cache.setPod(makePod('a', { ...big, nodeName: 'n1' }));
    expect(used()).toBe(1000);
    expect(cache.isAssumed('uid-a')).toBe(false);
    cache.removePod('uid-a');
    expect(used()).toBe(0);
  });

  it('frees what a failed binding had taken, and never a confirmed pod', () => {
    const { cache, used } = start();
    cache.assume(podInfo('a', big), 'n1');
    cache.forget('uid-a');
    expect(used()).toBe(0);
    cache.setPod(makePod('b', { ...big, nodeName: 'n1' }));
    cache.forget('uid-b');
    expect(used()).toBe(1000);
  });

  it('moves a pod that another scheduler bound elsewhere', () => {
    const { cache, used } = start();
    cache.setNode(makeNode('n2'));
    cache.assume(podInfo('a', big), 'n1');
    cache.setPod(makePod('a', { ...big, nodeName: 'n2' }));
    expect(used()).toBe(0);
    expect(cache.nodes()[1]?.requested['cpu']).toBe(1000);
  });

  it('gives up on a bound pod that is never confirmed', async () => {
    const { clock, cache, used } = start();
    cache.assume(podInfo('a', big), 'n1');
    await clock.advance(3_600_000);
    cache.expireAssumed();
    expect(used()).toBe(1000);
    cache.finishBinding('uid-a');
    await clock.advance(900_000);
    cache.expireAssumed();
    expect(used()).toBe(0);
  });

  it('knows the pods of a node that comes after them, and of one that comes again', () => {
    const { cache } = start();
    cache.setPod(makePod('a', { ...big, nodeName: 'late' }));
    expect(cache.nodes()).toHaveLength(1);
    cache.setNode(makeNode('late'));
    expect(cache.nodes()[1]?.requested['cpu']).toBe(1000);
    cache.removeNode('late');
    expect(cache.nodes()).toHaveLength(1);
    cache.setNode(makeNode('late'));
    expect(cache.nodes()[1]?.requested['cpu']).toBe(1000);
  });

  it('knows which pods wait for room on a node, as they are now', () => {
    const { cache } = start();
    const waiting = makePod('waiting', { priority: 5 });
    cache.nominate(podInfo('waiting', { priority: 5 }), 'n1');
    cache.updatePending(makePod('waiting', { priority: 5, labels: { app: 'new' } }), waiting);
    expect(cache.nominatedOn('n1').map(({ pod }) => pod.metadata.labels)).toEqual([{ app: 'new' }]);
    expect(cache.nominatedOn('n2')).toEqual([]);
    cache.updatePending(makePod('waiting', { nominatedNodeName: 'n2' }), waiting);
    expect(cache.nominatedOn('n1')).toEqual([]);
    expect(cache.nominatedOn('n2')).toHaveLength(1);
  });

  it('keeps no room for a pod that has a node by now, and tells when others may take it', () => {
    const { cache } = start();
    cache.nominate(podInfo('lucky'), 'n1');
    cache.nominate(podInfo('moved'), 'n1');
    cache.nominate(podInfo('bound-elsewhere'), 'n1');
    expect(cache.assume(podInfo('lucky'), 'n1')).toBe(false);
    expect(cache.nominate(podInfo('moved'), 'n2')).toBe(true);
    expect(cache.setPod(makePod('bound-elsewhere', { nodeName: 'n3' }))).toBe(true);
    expect(cache.nominatedOn('n1')).toEqual([]);
  });

  it('tells whether a pod that goes leaves room', () => {
    const { cache } = start();
    cache.nominate(podInfo('waiting'), 'n1');
    cache.setPod(makePod('running', { nodeName: 'n1' }));
    expect(['waiting', 'running', 'pending'].map((name) => cache.removePod(`uid-${name}`))).toEqual([
      true,
      true,
      false,
    ]);
  });
});
