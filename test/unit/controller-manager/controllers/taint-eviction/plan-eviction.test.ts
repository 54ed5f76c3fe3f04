import { planEviction } from '../../../../../controller-manager/controllers/taint-eviction/plan-eviction';

const gone = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' };
const full = { key: 'full', effect: 'NoExecute' };
const exists = (key: string, tolerationSeconds?: number) => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  ...(tolerationSeconds !== undefined && { tolerationSeconds }),
});

describe('planEviction', () => {
  it.each([
    ['no taints', [], [], { verdict: 'stay' }],
    ['a NoSchedule taint', [{ key: 'x', effect: 'NoSchedule' }], [], { verdict: 'stay' }],
    ['an untolerated taint', [gone], [], { verdict: 'now' }],
    ['one of two taints tolerated', [gone, full], [exists(gone.key)], { verdict: 'now' }],
    ['a toleration for ever', [gone], [exists(gone.key)], { verdict: 'stay' }],
    ['a toleration for a while', [gone], [exists(gone.key, 5)], { verdict: 'later', afterMs: 5000 }],
    [
      'the shortest of two',
      [gone, full],
      [exists(gone.key, 300), exists('full', 60)],
      { verdict: 'later', afterMs: 60_000 },
    ],
    ['a negative toleration', [gone], [exists(gone.key, -1)], { verdict: 'later', afterMs: 0 }],
  ])('with %s', (_, taints, tolerations, wanted) => expect(planEviction(taints, tolerations)).toEqual(wanted));
});
