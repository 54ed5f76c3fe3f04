import pino from 'pino';
import type { Pod } from '../../../../api/core/v1/pod';
import { createEvictionManager, type Eviction } from '../../../../kubelet/eviction/eviction-manager';
import type { Observations, PressureCondition } from '../../../../kubelet/eviction/signals';
import { parseThresholds, type ThresholdFlags } from '../../../../kubelet/eviction/thresholds';
import { createFakeClock, settle } from '../../../support/fake-clock';
import { podOf } from '../pods/pod-fixtures';

/** A node that has so much of its memory and of its disk left, out of 100. */
function startNode(flags: Partial<ThresholdFlags>, pods: Pod[], left: { memory: number; disk: number }) {
  const clock = createFakeClock();
  const stop = new AbortController();
  const evicted: [name: string, eviction: Eviction][] = [];
  const events: string[] = [];
  const conditions: string[] = [];
  const ended = new Set<string>();
  const node = { left, garbage: 0, collections: 0, excessive: '' };
  const none = { evictionHard: [], evictionSoft: [], evictionSoftGracePeriod: [], evictionMinimumReclaim: [] };
  const manager = createEvictionManager({
    nodeName: 'n1',
    thresholds: parseThresholds({ ...none, ...flags }),
    pressureTransitionPeriodMs: 60_000,
    maxPodGracePeriodSeconds: 20,
    recorder: {
      event: ({ metadata }, type, reason, message) => events.push(`${metadata?.name} ${type} ${reason} ${message}`),
    },
    clock,
    log: pino({ level: 'silent' }),
    observe: async (): Promise<Observations> =>
      new Map([
        ['memory.available', { available: node.left.memory, capacity: 100 }],
        ['nodefs.available', { available: node.left.disk, capacity: 100 }],
      ]),
    activePods: () => pods.filter(({ metadata }) => !ended.has(metadata?.uid ?? '')),
    usagesOf: async (list) => new Map(list.map(({ metadata }) => [metadata?.uid ?? '', { amount: 1, containers: [] }])),
    storageExcesses: async (list) =>
      list
        .filter(({ metadata }) => metadata?.name === node.excessive)
        .map((one) => ({ pod: one, message: 'too much' })),
    async reclaimNodeResources(signal) {
      if (signal === 'memory.available') return false;
      node.collections += 1;
      node.left.disk += node.garbage;
      node.garbage = 0;
      return true;
    },
    evict: (pod, eviction) => evicted.push([pod.metadata?.name ?? '', eviction]),
    hasEnded: (uid) => ended.has(uid),
    onConditions: (set: ReadonlySet<PressureCondition>) => conditions.push([...set].join()),
  });
  const running = manager.run(stop.signal);
  return {
    node,
    evicted,
    events,
    conditions,
    ended,
    async pass(seconds: number): Promise<string> {
      for (let i = 0; i < seconds; i += 1) {
        await settle();
        await clock.advance(1000);
      }
      await settle();
      return evicted.map(([name]) => name).join(' ');
    },
    async stop() {
      stop.abort();
      await running;
    },
  };
}

const pod = (name: string, priority: number, more: Partial<NonNullable<Pod['spec']>> = {}): Pod =>
  podOf({ priority, ...more }, { metadata: { name, uid: name, namespace: 'default' } });

describe('the eviction manager', () => {
  it('ends one pod at a time, and the next only once that one is gone', async () => {
    const test = startNode({ evictionHard: ['memory.available<10'] }, [pod('b', 1), pod('a', 0)], {
      memory: 5,
      disk: 50,
    });
    expect(await test.pass(25)).toBe('a');
    test.ended.add('a');
    expect(await test.pass(2)).toBe('a b');
    const message = 'The node was low on resource: memory. Threshold quantity: 10, available: 5. ';
    expect(test.evicted[0]?.[1]).toEqual({
      reason: 'Evicted',
      message,
      condition: { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message },
      graceSeconds: 1,
    });
    expect(test.events.slice(0, 2)).toEqual([
      'n1 Warning EvictionThresholdMet Attempting to reclaim memory',
      `a Warning Evicted ${message}`,
    ]);
    expect(test.conditions).toEqual(['MemoryPressure']);
    await test.stop();
  });

  it('waits for an evicted pod no longer than half a minute', async () => {
    const test = startNode({ evictionHard: ['memory.available<10'] }, [pod('a', 0)], { memory: 5, disk: 50 });
    expect(await test.pass(29)).toBe('a');
    expect(await test.pass(5)).toBe('a a');
    await test.stop();
  });

  it('never ends a critical pod', async () => {
    const test = startNode({ evictionHard: ['memory.available<10'] }, [pod('a', 2_000_001_000)], {
      memory: 5,
      disk: 50,
    });
    expect(await test.pass(30)).toBe('');
    await test.stop();
  });

  it('ends no pod when what nobody needs was enough', async () => {
    const test = startNode({ evictionHard: ['nodefs.available<10'] }, [pod('a', 0)], { memory: 50, disk: 5 });
    test.node.garbage = 20;
    expect(await test.pass(15)).toBe('');
    expect(test.node.collections).toBe(1);
    expect(test.conditions).toEqual(['DiskPressure']);
    test.node.left.disk = 5;
    expect(await test.pass(15)).toBe('a');
    await test.stop();
  });

  it.each([
    [5, 5],
    [60, 20],
    [0, 1],
  ])('gives a pod that asks for %d s of grace %d s at a soft threshold', async (asked, given) => {
    const flags = { evictionSoft: ['memory.available<10'], evictionSoftGracePeriod: ['memory.available=30s'] };
    const test = startNode(flags, [pod('a', 0, { terminationGracePeriodSeconds: asked })], { memory: 5, disk: 50 });
    expect(await test.pass(25)).toBe('');
    expect(await test.pass(10)).toBe('a');
    expect(test.evicted[0]?.[1].graceSeconds).toBe(given);
    await test.stop();
  });

  it('ends pods that took more of the disk than they may, whatever the node has left, and critical ones never', async () => {
    const test = startNode({}, [pod('a', 0), pod('b', 2_000_001_000)], { memory: 50, disk: 50 });
    test.node.excessive = 'b';
    expect(await test.pass(15)).toBe('');
    test.node.excessive = 'a';
    expect(await test.pass(10)).toBe('a');
    expect(test.evicted[0]?.[1]).toEqual({ reason: 'Evicted', message: 'too much', graceSeconds: 1 });
    expect(test.events).toEqual(['a Warning Evicted too much']);
    await test.stop();
  });

  it('tells when the pressure is over', async () => {
    const test = startNode({ evictionHard: ['memory.available<10'] }, [], { memory: 5, disk: 50 });
    await test.pass(5);
    test.node.left.memory = 50;
    await test.pass(90);
    expect(test.conditions).toEqual(['MemoryPressure', '']);
    await test.stop();
  });
});
