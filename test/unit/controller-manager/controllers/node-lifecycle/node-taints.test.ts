import type { RestClient } from '../../../../../client/rest-client';
import {
  conditionTaints,
  updateTaints,
} from '../../../../../controller-manager/controllers/node-lifecycle/node-taints';
import { at, node, stored } from '../../../../support/controller-objects';

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

describe('updateTaints', () => {
  it('writes only what differs, also for a node without any taint', async () => {
    const patches: unknown[] = [];
    const client = {
      patch: (...[, , , patch]: unknown[]) => Promise.resolve(patches.push(patch)),
    } as unknown as RestClient;
    await updateTaints(client, stored({ metadata: { name: 'n' } }), () => []);
    expect(patches).toEqual([]);
    const taint = { key: 'a', effect: 'NoSchedule' };
    await updateTaints(client, node('n'), () => [taint]);
    expect(patches).toEqual([expect.objectContaining({ spec: { taints: [taint] } })]);
  });
});
