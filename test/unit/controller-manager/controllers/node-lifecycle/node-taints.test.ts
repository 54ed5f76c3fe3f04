import { conditionTaints } from '../../../../../controller-manager/controllers/node-lifecycle/node-taints';
import { at, node } from '../../../../support/controller-objects';

const taints = (conditions: Record<string, string>, spec: object = {}): string[] =>
  conditionTaints(node('n', conditions, { spec }), at(1)).map(
    ({ key, effect }) => `${key.split('/').at(-1)}:${effect}`,
  );

describe('conditionTaints', () => {
  it.each([
    [{ Ready: 'True' }, []],
    [{ Ready: 'False' }, ['not-ready:NoSchedule']],
    [{ Ready: 'Unknown' }, ['unreachable:NoSchedule']],
    [
      { Ready: 'True', MemoryPressure: 'True', DiskPressure: 'True' },
      ['memory-pressure:NoSchedule', 'disk-pressure:NoSchedule'],
    ],
  ])('for %j gives %j', (conditions, wanted) => expect(taints(conditions as Record<string, string>)).toEqual(wanted));

  it('taints a cordoned node', () => {
    expect(taints({ Ready: 'True' }, { unschedulable: true })).toEqual(['unschedulable:NoSchedule']);
  });
  it('takes its own taints off again and leaves those of others', () => {
    const existing = [
      { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
      { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
      { key: 'dedicated', value: 'db', effect: 'NoSchedule' },
      { key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' },
    ];
    expect(taints({ Ready: 'True' }, { taints: existing })).toEqual([
      'dedicated:NoSchedule',
      'out-of-service:NoExecute',
    ]);
  });
  it('keeps the NoExecute taint while the node is away', () => {
    const existing = [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }];
    expect(taints({ Ready: 'Unknown' }, { taints: existing })).toEqual([
      'unreachable:NoExecute',
      'unreachable:NoSchedule',
    ]);
  });
});
