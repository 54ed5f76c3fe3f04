import { pods } from '../../../../../api/core/v1/pod';
import { podDisruptionBudgets } from '../../../../../api/policy/v1/poddisruptionbudget';
import { disruptionController } from '../../../../../controller-manager/controllers/disruption/controller';
import { listerOf, pod, replicaSet, stored } from '../../../../support/controller-objects';

const budget = stored({
  metadata: { name: 'budget', namespace: 'default' },
  spec: { selector: { matchLabels: { app: 'web' } }, maxUnavailable: 1 },
});
const informers = { informer: (definition: unknown) => ({ definition, lister: listerOf([budget]) }) };
const { enqueue } = disruptionController.watches.find(({ definition }) => definition === pods)!;
const woken = (now: ReturnType<typeof pod>, old?: ReturnType<typeof pod>) => [
  ...enqueue(now, old, { informers } as never),
];

describe('a changed pod', () => {
  it('wakes the budgets that select it', () => {
    expect(disruptionController.watches.some(({ definition }) => definition === podDisruptionBudgets)).toBe(true);
    expect(woken(pod({ readyAt: 1 }), pod())).toEqual(['default/budget']);
    expect(woken(pod({ labels: { app: 'other' } }), pod())).toEqual(['default/budget']);
    expect(woken(pod({ labels: { app: 'other' } }))).toEqual([]);
    expect(woken(pod({ annotations: { a: 'b' } }), pod())).toEqual([]);
  });

  it('wakes them when a controller adopts it: more pods are expected then', () => {
    expect(woken(pod({ owner: replicaSet() }), pod())).toEqual(['default/budget']);
  });
});
