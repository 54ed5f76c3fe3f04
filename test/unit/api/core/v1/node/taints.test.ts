import { findUntoleratedTaint, tolerates } from '../../../../../../api/core/v1/node/taints';
import type { Toleration } from '../../../../../../api/core/v1/pod/types';

const taint = { key: 'k', value: 'v', effect: 'NoExecute' };

it.each<[boolean, Toleration]>([
  [true, { operator: 'Exists' }],
  [true, { key: 'k', operator: 'Exists' }],
  [true, { key: 'k', value: 'v' }],
  [true, { key: 'k', operator: 'Equal', value: 'v', effect: 'NoExecute' }],
  [false, { key: 'k', value: 'w' }],
  [false, { key: 'other', operator: 'Exists' }],
  [false, { key: 'k', operator: 'Exists', effect: 'NoSchedule' }],
])('answers %s for %j', (expected, toleration) => {
  expect(tolerates([toleration], taint)).toBe(expected);
});

it('finds the first taint of interest that nothing tolerates', () => {
  const other = { key: 'o', effect: 'PreferNoSchedule' };
  const taints = [other, taint];
  expect(findUntoleratedTaint(taints, [], ({ effect }) => effect !== 'PreferNoSchedule')).toBe(taint);
  expect(findUntoleratedTaint(taints, [{ operator: 'Exists' }])).toBeUndefined();
});
