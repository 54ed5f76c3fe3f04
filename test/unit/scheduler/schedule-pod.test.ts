import { fitErrorMessage, selectHost } from '../../../scheduler/framework';
import type { NodeInfo, PodInfo } from '../../../scheduler/node-info';
import { defaultPlugins } from '../../../scheduler/plugins';
import { schedulePod } from '../../../scheduler/schedule-pod';
import { emptyView, nodeInfo, podInfo } from '../../support/scheduling';

const decide = (pod: PodInfo, nodes: NodeInfo[], random = () => 0) =>
  schedulePod({ pod, nodes, plugins: defaultPlugins, view: emptyView, nominatedOn: () => [], budgets: [], random });
const messageOf = (pod: PodInfo, nodes: NodeInfo[]): string | undefined => {
  const decision = decide(pod, nodes);
  return decision.action === 'wait' ? decision.message : undefined;
};
const full = (name: string) => nodeInfo(name, {}, [podInfo(`on-${name}`, { requests: { cpu: '4' } })]);

describe('schedulePod', () => {
  it('words why a pod fits nowhere as upstream does', () => {
    const tainted = nodeInfo('n1', { spec: { taints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }] } });
    expect(messageOf(podInfo('p', { requests: { cpu: '1' } }), [tainted, full('n2'), full('n3')])).toBe(
      '0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. preemption: ' +
        '0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.',
    );
  });

  it('says that there are no nodes', () =>
    expect(messageOf(podInfo('p'), [])).toBe('no nodes available to schedule pods'));

  it('says that the pod may not preempt', () => {
    expect(messageOf(podInfo('p', { requests: { cpu: '9' }, preemptionPolicy: 'Never' }), [nodeInfo('n1')])).toBe(
      '0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.',
    );
  });

  it('prefers the emptier node', () => {
    const busy = nodeInfo('busy', {}, [podInfo('x', { requests: { cpu: '2', memory: '4Gi' } })]);
    expect(decide(podInfo('p'), [busy, nodeInfo('free')])).toEqual({ action: 'bind', nodeName: 'free' });
  });

  it('puts a pod where room was made for it', () => {
    const nodes = [nodeInfo('n1'), nodeInfo('n2', {}, [podInfo('x', { requests: { cpu: '2' } })])];
    expect(decide(podInfo('p', { nominatedNodeName: 'n2' }), nodes)).toEqual({ action: 'bind', nodeName: 'n2' });
  });

  it('plans whom to evict for a more important pod', () => {
    const decision = decide(podInfo('p', { requests: { cpu: '1' }, priority: 10 }), [full('n1')]);
    expect(decision).toMatchObject({
      action: 'wait',
      message: '0/1 nodes are available: 1 Insufficient cpu.',
      nominatedNodeName: 'n1',
    });
    expect(decision.action === 'wait' && decision.preemption?.victims.map(({ key }) => key)).toEqual(['default/on-n1']);
    expect(decision.action === 'wait' && [...decision.plugins]).toEqual(['NodeResourcesFit']);
  });
});

describe('selectHost', () => {
  it('draws among the best, each as likely', () => {
    const counts = { a: 0, b: 0, c: 0 };
    let seed = 1;
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    for (let i = 0; i < 3000; i++) counts[selectHost(['a', 'b', 'c'] as const, [9, 1, 9], random) ?? 'b'] += 1;
    expect(counts.b).toBe(0);
    expect(Math.abs(counts.a - counts.c)).toBeLessThan(300);
  });
});

describe('fitErrorMessage', () => {
  it('sorts reasons as text', () => {
    const rejections = new Map(
      Array.from({ length: 12 }, (_, i) => [String(i), { reasons: i < 10 ? ['Insufficient cpu'] : ['Too many pods'] }]),
    );
    expect(fitErrorMessage({ rejections }, 12)).toBe('0/12 nodes are available: 10 Insufficient cpu, 2 Too many pods.');
  });
});
