import { matchesNodeSelector } from '../../../../../../api/core/v1/node/affinity';
import type { NodeSelectorTerm, Pod } from '../../../../../../api/core/v1/pod/types';

const node = { metadata: { name: 'n1', labels: { zone: 'a', size: '5' } } };

it.each<[boolean, NodeSelectorTerm]>([
  [true, { matchExpressions: [{ key: 'zone', operator: 'In', values: ['a', 'b'] }] }],
  [false, { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] }],
  [true, { matchExpressions: [{ key: 'rack', operator: 'NotIn', values: ['a'] }] }],
  [true, { matchExpressions: [{ key: 'rack', operator: 'DoesNotExist' }] }],
  [true, { matchExpressions: [{ key: 'size', operator: 'Gt', values: ['4'] }] }],
  [false, { matchExpressions: [{ key: 'size', operator: 'Lt', values: ['5'] }] }],
  [true, { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }],
  [false, { matchExpressions: [] }],
])('answers %s for %j', (expected, term) => {
  expect(matchesNodeSelector(term, node)).toBe(expected);
});

it('asks both the selector and the required affinity of a pod', () => {
  const nodeSelectorTerms = [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }];
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
  const pod = (spec: object): Pod => ({ spec: { containers: [], ...spec } });
  expect(matchesNodeSelector(pod({}), node)).toBe(true);
  expect(matchesNodeSelector(pod({ affinity, nodeSelector: { size: '5' } }), node)).toBe(true);
  expect(matchesNodeSelector(pod({ affinity, nodeSelector: { size: '6' } }), node)).toBe(false);
});
