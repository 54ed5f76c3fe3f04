import {
  missingNodes,
  onOutOfServiceNodes,
  terminatedBeyond,
  unscheduledTerminating,
} from '../../../../../controller-manager/controllers/pod-gc/plan-gc';
import { node, pod } from '../../../../support/controller-objects';

const names = (pods: { metadata: { name: string } }[]) => pods.map(({ metadata }) => metadata.name);

describe('plan-gc', () => {
  it('takes the oldest ended pods beyond the threshold', () => {
    const pods = [
      pod({ name: 'new', phase: 'Succeeded', createdAt: 50 }),
      pod({ name: 'old', phase: 'Failed', createdAt: 1 }),
      pod({ name: 'runs', createdAt: 0 }),
    ];
    expect(names(terminatedBeyond(pods, 1))).toEqual(['old']);
    expect(terminatedBeyond(pods, 2)).toEqual([]);
  });
  it('finds pods that end without ever having had a node', () => {
    expect(
      names(
        unscheduledTerminating([
          pod({ name: 'a', deleting: true }),
          pod({ name: 'b', deleting: true, node: 'n' }),
          pod({ name: 'c' }),
        ]),
      ),
    ).toEqual(['a']);
  });
  it('finds pods that end on a node declared out of service', () => {
    const spec = { taints: [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }] };
    const nodes = new Map([
      ['dead', node('dead', { Ready: 'Unknown' }, { spec })],
      ['fine', node('fine', { Ready: 'True' }, { spec })],
    ]);
    const pods = [
      pod({ name: 'a', deleting: true, node: 'dead' }),
      pod({ name: 'b', deleting: true, node: 'fine' }),
      pod({ name: 'c', node: 'dead' }),
    ];
    expect(names(onOutOfServiceNodes(pods, (name) => nodes.get(name)))).toEqual(['a']);
  });
  it('finds nodes that do not exist', () => {
    expect([
      ...missingNodes([pod({ node: 'x' }), pod({ node: 'y' }), pod()], (name) =>
        name === 'y' ? node('y') : undefined,
      ),
    ]).toEqual(['x']);
  });
});
