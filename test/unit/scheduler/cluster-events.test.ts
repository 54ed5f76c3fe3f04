import { nodeEvent, podUpdateEvent } from '../../../scheduler/cluster-events';
import { makeNode, makePod } from '../../support/scheduling';

describe('cluster events', () => {
  const node = makeNode('n');

  it('are not made of heartbeats', () => {
    const beat = { ...node, status: { ...node.status, conditions: [{ type: 'Ready', status: 'True' }] } };
    expect(nodeEvent(beat, node)).toBeUndefined();
  });

  it.each([
    ['taints', makeNode('n', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } })],
    ['a cordon', makeNode('n', { spec: { unschedulable: true } })],
    ['labels', makeNode('n', { labels: { a: 'b' } })],
    ['room', makeNode('n', { allocatable: { cpu: '8' } })],
  ])('are made of a change of %s', (_what, changed) => {
    expect(nodeEvent(changed, node)?.type).toBe('nodeUpdated');
  });

  it('are made of a new node', () => expect(nodeEvent(node, undefined)?.type).toBe('nodeAdded'));

  it('are made of labels and requests of running pods, not of their status', () => {
    const pod = makePod('p', { requests: { cpu: '1' } });
    expect(podUpdateEvent({ ...pod, status: { phase: 'Running' } }, pod)).toBeUndefined();
    expect(podUpdateEvent(makePod('p', { requests: { cpu: '500m' } }), pod)?.type).toBe('podUpdated');
    expect(podUpdateEvent(makePod('p', { requests: { cpu: '1' }, labels: { a: 'b' } }), pod)?.type).toBe('podUpdated');
  });

  it('are made of what a resized pod gives back', () => {
    const pod = makePod('p', { requests: { cpu: '1' } });
    const container = { name: 'app', image: '', imageID: '', ready: true, restartCount: 0 };
    const having = (cpu: string) => ({
      ...pod,
      status: { containerStatuses: [{ ...container, resources: { requests: { cpu } } }] },
    });
    expect(podUpdateEvent(having('1'), having('2'))?.type).toBe('podUpdated');
    expect(podUpdateEvent(having('1'), having('1'))).toBeUndefined();
  });
});
