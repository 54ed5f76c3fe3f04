import { nodes } from '../../../../api/core/v1/node';
import { pods } from '../../../../api/core/v1/pod';
import { podTopologyLabels } from '../../../../apiserver/admission/pod-topology-labels';
import { createTestLoopback } from '../../../support/loopback';

const zone = 'topology.kubernetes.io/zone';

describe('PodTopologyLabels', () => {
  it.each([
    ['a binding', 'binding', { target: { name: 'n' }, metadata: { labels: { a: 'b' } } }, { a: 'b', [zone]: 'z' }],
    ['a pod with its node', '', { spec: { nodeName: 'n' } }, { [zone]: 'z' }],
    ['a pod without', '', { spec: {} }, undefined],
    ['a node that is not there', 'binding', { target: { name: 'x' } }, undefined],
  ])('%s', async (_title, subresource, given, expected) => {
    const loopback = createTestLoopback();
    loopback.put(nodes, { metadata: { name: 'n', labels: { [zone]: 'z', 'kubernetes.io/hostname': 'h' } } });
    const object = given as { metadata?: { labels?: object } };
    await podTopologyLabels(loopback).admit!({
      operation: 'CREATE',
      definition: pods,
      subresource,
      namespace: 'n',
      name: 'p',
      object,
      context: loopback.context,
    });
    expect(object.metadata?.labels).toEqual(expected);
  });
});
