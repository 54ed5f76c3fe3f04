import { resourceQuotas } from '../../../../../api/core/v1/resourcequota';
import { cellsOf, createErrors, statusErrors, updateErrors } from '../../../../support/kinds';

const make = (hard: object, rest: object = {}) => ({ spec: { hard, ...rest } });
const select = (...matchExpressions: object[]) => make({ pods: '1' }, { scopeSelector: { matchExpressions } });
const expressions = 'spec.scopeSelector.matchExpressions';

it.each<[string, object, string[]]>([
  [
    'everything that can be counted',
    make({
      pods: '1',
      cpu: '1',
      'requests.cpu': '1',
      'limits.memory': '1Gi',
      'requests.storage': '1Gi',
      'services.nodeports': '0',
      'count/deployments.apps': '3',
      'requests.example.com/gpu': '2',
      'requests.hugepages-2Mi': '2Mi',
      'fast.storageclass.storage.k8s.io/requests.storage': '1Gi',
    }),
    [],
  ],
  [
    'an unknown resource',
    make({ things: '1' }),
    [
      'spec.hard[things]: Invalid value: "things": must be a standard resource type or fully qualified',
      'spec.hard[things]: Invalid value: "things": must be a standard resource for quota',
    ],
  ],
  [
    'amounts that are none',
    make({ cpu: '-1', pods: '500m' }),
    [
      'spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0',
      'spec.hard[pods]: Invalid value: "500m": must be an integer',
    ],
  ],
  [
    'a scope that is the name of a property',
    make({ pods: '1' }, { scopes: ['constructor'] }),
    ['spec.scopes: Invalid value: ["constructor"]: unsupported scope'],
  ],
  [
    'an unknown scope',
    make({ pods: '1' }, { scopes: ['Big'] }),
    ['spec.scopes: Invalid value: ["Big"]: unsupported scope'],
  ],
  [
    'a scope of what it cannot narrow',
    make({ cpu: '1', services: '1' }, { scopes: ['BestEffort'] }),
    Array(2).fill('spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource'),
  ],
  [
    'scopes that exclude each other',
    make({ pods: '1' }, { scopes: ['Terminating', 'NotTerminating'] }),
    ['spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes'],
  ],
  ['a priority', select({ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }), []],
  [
    'a priority without values',
    select({ scopeName: 'PriorityClass', operator: 'NotIn' }),
    [
      `${expressions}.values: Required value: must be at least one value when \`operator\` is 'In' or 'NotIn' for scope selector`,
    ],
  ],
  [
    'existence with values',
    select({ scopeName: 'PriorityClass', operator: 'Exists', values: ['a'] }),
    [
      `${expressions}.values: Invalid value: ["a"]: must be no value when \`operator\` is 'Exist' or 'DoesNotExist' for scope selector`,
    ],
  ],
  [
    'an unknown operator of a scope that only is or is not',
    select({ scopeName: 'BestEffort', operator: 'Near' }),
    [
      `${expressions}.operator: Invalid value: "Near": must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity`,
      `${expressions}.operator: Invalid value: "Near": not a valid selector operator`,
    ],
  ],
  [
    'an unknown scope by selector',
    select({ scopeName: 'Big', operator: 'Exists' }),
    [`${expressions}.scopeName: Invalid value: "Big": unsupported scope`],
  ],
  [
    'attributes classes of claims',
    make(
      { persistentvolumeclaims: '1', 'requests.storage': '1Gi' },
      {
        scopeSelector: { matchExpressions: [{ scopeName: 'VolumeAttributesClass', operator: 'In', values: ['gold'] }] },
      },
    ),
    [],
  ],
])('validates %s', (_, object, expected) => {
  expect(createErrors(resourceQuotas, object)).toEqual(expected);
});

it('keeps its scopes', () => {
  const quota = make({ pods: '1' }, { scopes: ['BestEffort'] });
  expect(updateErrors(resourceQuotas, quota, ({ spec }) => (spec.hard.pods = '2'))).toEqual([]);
  expect(updateErrors(resourceQuotas, quota, ({ spec }) => (spec.scopes = ['Terminating']))).toEqual([
    'spec.scopes: Invalid value: ["Terminating"]: field is immutable',
  ]);
});

it('checks what is reported', () => {
  expect(statusErrors(resourceQuotas, make({ pods: '1' }), { hard: { pods: '1' }, used: { pods: '-1' } })).toEqual([
    'status.used[pods]: Invalid value: "-1": must be greater than or equal to 0',
  ]);
});

it('prints what is used of what is allowed', () => {
  const hard = { pods: '10', 'limits.cpu': '4', 'count/jobs.batch': '3', cpu: '2' };
  expect(cellsOf(resourceQuotas, { status: { hard, used: { pods: '1', cpu: '500m' } } })).toMatchObject({
    Request: 'count/jobs.batch: 0/3, cpu: 500m/2, pods: 1/10',
    Limit: 'limits.cpu: 0/4',
  });
});
