import { formatAmounts, quotaEvaluatorOf } from '../../../../../api/core/v1/resourcequota/usage';
import { calculateUsage } from '../../../../../controller-manager/controllers/resource-quota/calculate-usage';

const counted = (resource: string, objects: object[], group = '') => ({
  evaluator: quotaEvaluatorOf({ group, resource })!,
  objects: () => objects,
});
const pod = (cpu: string, more: object = {}) => ({
  spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }] },
  ...more,
});
const usage = (spec: object, kinds: ReturnType<typeof counted>[]): string =>
  formatAmounts(
    calculateUsage(
      { spec },
      {
        kinds,
        countOf: (name) => (name.includes('widgets') ? 7 : 0),
        nowMs: 0,
      },
    ),
  );

describe('calculateUsage', () => {
  it('sums what is limited, and says zero of what is not there', () => {
    const hard = {
      'requests.cpu': '1',
      pods: '9',
      secrets: '9',
      'count/deployments.apps': '9',
      'count/widgets.example.com': '9',
    };
    const kinds = [
      counted('pods', [pod('100m'), pod('1'), pod('5', { status: { phase: 'Succeeded' } })]),
      counted('deployments', [{}, {}], 'apps'),
      counted('secrets', []),
    ];
    expect(usage({ hard }, kinds)).toBe(
      'count/deployments.apps=2,count/widgets.example.com=7,pods=2,requests.cpu=1100m,secrets=0',
    );
  });

  it('counts what is in the scopes', () => {
    const kinds = [counted('pods', [pod('1'), { spec: { containers: [{ name: 'c' }] } }])];
    expect(usage({ hard: { pods: '9' }, scopes: ['BestEffort'] }, kinds)).toBe('pods=1');
    expect(usage({ hard: { pods: '9' }, scopes: ['Terminating'] }, kinds)).toBe('pods=0');
  });
});
