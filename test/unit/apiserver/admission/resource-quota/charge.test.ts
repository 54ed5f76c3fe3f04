import type { ResourceQuota } from '../../../../../api/core/v1/resourcequota';
import { formatAmounts, quotaEvaluatorOf, type UsageChange } from '../../../../../api/core/v1/resourcequota/usage';
import type { Stored } from '../../../../../api/meta/types';
import { chargeAccounts, openAccount } from '../../../../../apiserver/admission/resource-quota/charge';

type Amounts = Record<string, string>;

const quota = (name: string, hard: Amounts, used: Amounts, spec: object = {}): Stored<ResourceQuota> =>
  ({ metadata: { name }, spec: { hard, ...spec }, status: { hard, used } }) as Stored<ResourceQuota>;
const pod = (resources: object = {}, spec: object = {}) => ({
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', image: 'i', resources }], ...spec },
});

/** What is used of each quota after the charge. */
function charge(quotas: Stored<ResourceQuota>[], resource: string, change: Partial<UsageChange>): string[] {
  const evaluator = quotaEvaluatorOf({ group: '', resource })!;
  const full = { operation: 'CREATE', subresource: '', object: pod(), ...change, evaluator } as const;
  return chargeAccounts(quotas.map(openAccount), full, 0).map(({ used }) => formatAmounts(used));
}

describe('chargeAccounts', () => {
  it('adds to every quota that limits something of the object', () => {
    const quotas = [
      quota('a', { pods: '2', 'requests.cpu': '1' }, { pods: '1', 'requests.cpu': '0' }),
      quota('b', { services: '1' }, { services: '1' }),
      quota(
        'c',
        { 'count/pods': '9', 'requests.nvidia.com/gpu': '2' },
        { 'count/pods': '3', 'requests.nvidia.com/gpu': '0' },
      ),
    ];
    const object = pod({ requests: { cpu: '250m', 'nvidia.com/gpu': '1' } });
    expect(charge(quotas, 'pods', { object })).toEqual([
      'pods=2,requests.cpu=250m',
      'services=1',
      'count/pods=4,requests.nvidia.com/gpu=1',
    ]);
  });

  it.each<[string, Stored<ResourceQuota>, object, string]>([
    [
      'what is exceeded',
      quota('q', { pods: '5', memory: '1Gi' }, { pods: '5', memory: '1000Mi' }),
      pod({ requests: { memory: '100Mi' } }),
      'exceeded quota: q, requested: memory=100Mi,pods=1, used: memory=1000Mi,pods=5, limited: memory=1Gi,pods=5',
    ],
    [
      'what containers must state',
      quota('q', { cpu: '1', 'limits.memory': '1Gi' }, { cpu: '0', 'limits.memory': '0' }),
      {
        spec: {
          containers: [{ name: 'b' }, { name: 'a', resources: { requests: { cpu: '1' } } }],
          initContainers: [{ name: 'i' }],
        },
      },
      'failed quota: q: must specify cpu for: b,i; limits.memory for: a,b,i',
    ],
    [
      'what is not calculated yet',
      quota('q', { pods: '5' }, {}),
      pod(),
      'status unknown for quota: q, resources: pods',
    ],
  ])('refuses, and says %s', (_title, given, object, message) => {
    expect(() => charge([given], 'pods', { object })).toThrow(message);
  });

  it('leaves alone what the scopes leave out', () => {
    const scoped = (scopes: string[]) => [quota('q', { pods: '5' }, { pods: '0' }, { scopes })];
    const used = (scopes: string[], object: object) => charge(scoped(scopes), 'pods', { object })[0];
    const ending = pod({}, { activeDeadlineSeconds: 0 });
    const guaranteed = pod({ requests: { cpu: '1' } });
    expect(used(['BestEffort'], pod())).toBe('pods=1');
    expect(used(['BestEffort'], guaranteed)).toBe('pods=0');
    expect(used(['NotBestEffort'], guaranteed)).toBe('pods=1');
    expect(used(['Terminating'], ending)).toBe('pods=1');
    expect(used(['NotTerminating'], ending)).toBe('pods=0');
    expect(used(['NotTerminating', 'BestEffort'], pod())).toBe('pods=1');
    const term = { topologyKey: 'k', namespaceSelector: {} };
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    expect(used(['CrossNamespacePodAffinity'], pod({}, { affinity }))).toBe('pods=1');
    expect(used(['CrossNamespacePodAffinity'], pod())).toBe('pods=0');
  });

  it.each([
    ['In', ['high'], 'high', '1'],
    ['In', ['high'], 'low', '0'],
    ['NotIn', ['high'], 'low', '1'],
    ['NotIn', ['high'], '', '1'],
    ['Exists', undefined, 'low', '1'],
    ['DoesNotExist', undefined, 'low', '0'],
  ])('selects priority classes: %s %j has %s', (operator, values, priorityClassName, expected) => {
    const scopeSelector = { matchExpressions: [{ scopeName: 'PriorityClass', operator, ...(values && { values }) }] };
    const quotas = [quota('q', { pods: '5' }, { pods: '0' }, { scopeSelector })];
    const object = pod({}, { ...(priorityClassName && { priorityClassName }) });
    expect(charge(quotas, 'pods', { object })).toEqual([`pods=${expected}`]);
  });

  it('charges updates for what they use more', () => {
    const quotas = [
      quota('q', { 'services.nodeports': '3', services: '1' }, { 'services.nodeports': '1', services: '1' }),
    ];
    const service = (type: string, ports: number, more: object = {}) => ({
      spec: { type, ports: Array.from({ length: ports }, (_, i) => ({ port: i + 1 })), ...more },
    });
    const update = (oldObject: object, object: object) =>
      charge(quotas, 'services', { operation: 'UPDATE', object, oldObject })[0];
    expect(update(service('NodePort', 1), service('NodePort', 3))).toBe('services=1,services.nodeports=3');
    expect(update(service('NodePort', 3), service('ClusterIP', 3))).toBe('services=1,services.nodeports=1');
    const without = service('LoadBalancer', 3, { allocateLoadBalancerNodePorts: false });
    expect(update(service('ClusterIP', 3), without)).toBe('services=1,services.nodeports=1');
    expect(() => update(service('ClusterIP', 3), service('NodePort', 3))).toThrow(
      'exceeded quota: q, requested: services.nodeports=3, used: services.nodeports=1, limited: services.nodeports=3',
    );
  });

  it('charges claims to their class too', () => {
    const name = 'gold.storageclass.storage.k8s.io/requests.storage';
    const hard = { 'requests.storage': '10Gi', [name]: '5Gi', persistentvolumeclaims: '3' };
    const quotas = [quota('q', hard, { 'requests.storage': '0', [name]: '0', persistentvolumeclaims: '0' })];
    const claim = (storageClassName: string, storage: string) => ({
      spec: { storageClassName, resources: { requests: { storage } } },
    });
    expect(charge(quotas, 'persistentvolumeclaims', { object: claim('gold', '4Gi') })).toEqual([
      `${name}=4Gi,persistentvolumeclaims=1,requests.storage=4Gi`,
    ]);
    expect(() => charge(quotas, 'persistentvolumeclaims', { object: claim('gold', '6Gi') })).toThrow(
      `exceeded quota: q, requested: ${name}=6Gi, used: ${name}=0, limited: ${name}=5Gi`,
    );
  });

  it('does not charge finished pods for more than their number', () => {
    const quotas = [quota('q', { pods: '5', 'count/pods': '5' }, { pods: '0', 'count/pods': '0' })];
    expect(charge(quotas, 'pods', { object: { ...pod(), status: { phase: 'Failed' } } })).toEqual([
      'count/pods=1,pods=0',
    ]);
  });

  it('has no quota for events and reviews', () => {
    expect(quotaEvaluatorOf({ group: '', resource: 'events' })).toBeUndefined();
    expect(quotaEvaluatorOf({ group: 'authorization.k8s.io', resource: 'localsubjectaccessreviews' })).toBeUndefined();
    expect(
      quotaEvaluatorOf({ group: '', resource: 'secrets' })!.matchingResources(['secrets', 'count/secrets', 'pods']),
    ).toEqual(['secrets', 'count/secrets']);
  });
});
