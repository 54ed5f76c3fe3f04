import { mergeTolerations } from '../../../../apiserver/admission/merge-tolerations';

const exists = (key: string, more: object = {}) => ({ key, operator: 'Exists', ...more });
const equal = (key: string, value: string, more: object = {}) => ({ key, operator: 'Equal', value, ...more });

describe('mergeTolerations', () => {
  it.each([
    ['other keys', [exists('a')], [exists('b')], [exists('a'), exists('b')]],
    ['the same', [exists('a')], [exists('a')], [exists('a')]],
    ['a wider one later', [equal('a', '1')], [exists('a')], [exists('a')]],
    ['a wider one before', [exists('a')], [equal('a', '1')], [exists('a')]],
    ['all keys', [equal('a', '1')], [{ operator: 'Exists' }], [{ operator: 'Exists' }]],
    [
      'other effects',
      [exists('a', { effect: 'NoSchedule' })],
      [exists('a', { effect: 'NoExecute' })],
      [exists('a', { effect: 'NoSchedule' }), exists('a', { effect: 'NoExecute' })],
    ],
    [
      'longer times',
      [exists('a', { effect: 'NoExecute', tolerationSeconds: 5 })],
      [exists('a', { effect: 'NoExecute', tolerationSeconds: 9 })],
      [exists('a', { effect: 'NoExecute', tolerationSeconds: 9 })],
    ],
  ])('%s', (_title, first, second, expected) => {
    expect(mergeTolerations(first, second)).toEqual(expected);
  });
});
