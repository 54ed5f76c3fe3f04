import type { Pod } from '../../../../api/core/v1/pod';
import { createAllocationManager } from '../../../../kubelet/allocation/allocation-manager';
import { createFakeClock } from '../../../support/fake-clock';
import { container, podOf } from '../pods/pod-fixtures';

const asking = (name: string, cpu: string, generation: number, status: Pod['status'] = { phase: 'Running' }): Pod =>
  podOf(
    { containers: [container('app', { resources: { requests: { cpu } } })] },
    { metadata: { name, namespace: 'default', uid: name, generation }, status },
  );

function setUp(...active: Pod[]) {
  const node = beforeStart(...active);
  for (const pod of active) node.manager.observe(pod, undefined);
  node.manager.start();
  return node;
}

function beforeStart(...active: Pod[]) {
  const pods = new Map(active.map((pod) => [pod.metadata?.name, pod]));
  const events: string[] = [];
  const changed: string[] = [];
  const clock = createFakeClock();
  const manager = createAllocationManager({
    recorder: {
      event: (pod, type, reason, message) => events.push(`${pod.metadata?.name} ${type} ${reason} ${message}`),
    },
    clock,
    active: () => [...pods.values()],
    allocatable: () => ({ cpu: '4', memory: '8Gi' }),
    lastStatus: () => undefined,
    onChange: (uid) => changed.push(uid),
  });
  return {
    manager,
    clock,
    events,
    changed,
    resize(name: string, cpu: string, generation: number): Pod {
      const old = pods.get(name);
      const pod = asking(name, cpu, generation);
      pods.set(name, pod);
      manager.observe(pod, old);
      return pod;
    },
    remove: (name: string) => pods.delete(name),
    cpuOf: (name: string) => manager.podOf(pods.get(name) as Pod).spec?.containers[0]?.resources?.requests?.['cpu'],
  };
}

const brief = (pod: Pod, { manager }: ReturnType<typeof setUp>) =>
  manager.conditions(pod).map(({ type, reason, observedGeneration }) => [type, reason, observedGeneration]);

describe('the allocation manager', () => {
  it('grants a resize, follows it and forgets it', () => {
    const node = setUp(asking('a', '1', 1));
    const pod = node.resize('a', '2', 2);
    expect(node.cpuOf('a')).toBe('2');
    expect(node.manager.isResizing(pod)).toBe(true);
    expect(brief(pod, node)).toEqual([['PodResizeInProgress', undefined, 2]]);
    node.manager.failed(pod, 'boom');
    node.manager.failed(pod, 'boom');
    expect(brief(pod, node)).toEqual([['PodResizeInProgress', 'Error', 2]]);
    node.manager.completed(pod);
    expect(brief(pod, node)).toEqual([]);
    const resources = '{"containers":[{"name":"app","resources":{"requests":{"cpu":"2"}}}],"generation":2';
    expect(node.events).toEqual([
      `a Normal ResizeStarted Pod resize started: ${resources}}`,
      `a Warning ResizeError Pod resize error: ${resources},"error":"boom"}`,
      `a Normal ResizeCompleted Pod resize completed: ${resources}}`,
    ]);
  });

  it('keeps what a pod has while its resize is deferred, and grants it once there is room', () => {
    const node = setUp(asking('a', '1', 1), asking('b', '2', 1));
    const pod = node.resize('a', '3', 2);
    expect(node.cpuOf('a')).toBe('1');
    expect(brief(pod, node)).toEqual([['PodResizePending', 'Deferred', 2]]);
    node.manager.retry();
    expect(node.events).toHaveLength(1);
    node.remove('b');
    node.manager.retry();
    expect(node.cpuOf('a')).toBe('3');
    expect(node.changed).toEqual(['a', 'a']);
  });

  it('gives the room that one resize makes to another', () => {
    const node = setUp(asking('a', '1', 1), asking('b', '3', 1));
    node.resize('a', '2', 2);
    expect(node.cpuOf('a')).toBe('1');
    node.resize('b', '1', 2);
    expect([node.cpuOf('a'), node.cpuOf('b')]).toEqual(['2', '1']);
  });

  it('looks again after a while', async () => {
    const node = setUp(asking('a', '1', 1), asking('b', '2', 1));
    node.resize('a', '3', 2);
    node.remove('b');
    await node.clock.advance(180_000);
    expect(node.cpuOf('a')).toBe('3');
  });

  it('forgets a wish that is taken back', () => {
    const node = setUp(asking('a', '1', 1));
    expect(brief(node.resize('a', '9', 2), node)).toEqual([['PodResizePending', 'Infeasible', 2]]);
    expect(brief(node.resize('a', '1', 3), node)).toEqual([]);
  });

  it('gives a pod no more once it is being deleted', () => {
    const node = setUp(asking('a', '1', 1), asking('b', '2', 1));
    const pod = node.resize('a', '3', 2);
    node.manager.observe({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }, pod);
    node.remove('b');
    node.manager.retry();
    expect(node.cpuOf('a')).toBe('1');
    expect(node.events).toHaveLength(1);
  });

  const reported = (cpu: string, conditions: NonNullable<Pod['status']>['conditions'] = []): Pod['status'] => ({
    phase: 'Running',
    conditions,
    containerStatuses: [
      {
        ...{ name: 'app', image: '', imageID: '', ready: true, restartCount: 0 },
        resources: { requests: { cpu } },
        allocatedResources: { cpu },
      },
    ],
  });

  it.each<[what: string, pod: Pod, cpu: string, events: number]>([
    ['asks anew for what was not granted before', asking('a', '2', 2, reported('1')), '2', 1],
    [
      'goes on with what was granted',
      asking('a', '2', 2, reported('1', [{ type: 'PodResizeInProgress', status: 'True', observedGeneration: 2 }])),
      '2',
      0,
    ],
    [
      'does not tell again what it told',
      asking(
        'a',
        '9',
        2,
        reported('1', [
          {
            ...{ type: 'PodResizePending', status: 'True', reason: 'Infeasible', observedGeneration: 2 },
            lastTransitionTime: '2026-01-01T00:00:00Z',
          },
        ]),
      ),
      '1',
      0,
    ],
  ])('after a restart %s', (_what, pod, cpu, events) => {
    const node = setUp(pod);
    expect(node.cpuOf('a')).toBe(cpu);
    expect(node.events).toHaveLength(events);
    expect(brief(pod, node)).toHaveLength(1);
  });

  it('judges nobody before all are known', () => {
    const resizing = [{ type: 'PodResizeInProgress', status: 'True', observedGeneration: 2 }];
    const [first, second] = [asking('a', '1', 2, reported('1', resizing)), asking('b', '3', 2, reported('1'))];
    const node = beforeStart(first, second);
    node.manager.observe(first, undefined);
    node.manager.observe(second, undefined);
    // What was under way comes to its end while others are yet to be heard of.
    node.manager.completed(first);
    expect(node.cpuOf('b')).toBe('1');
    node.manager.start();
    expect(node.cpuOf('b')).toBe('3');
  });

  it('asks again after a restart for what was infeasible: the machine may have grown', () => {
    const refused = [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible', observedGeneration: 2 }];
    const node = setUp(asking('a', '3', 2, reported('1', refused)));
    expect(node.cpuOf('a')).toBe('3');
  });
});
