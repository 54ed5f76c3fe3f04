/**
 * The flow schemas and priority levels every cluster has: mandatory ones, which stay as they are, and suggested ones, which an
 * operator may change. Upstream: `apis/flowcontrol/bootstrap/default.go`.
 */
import type {
  FlowSchema,
  PolicyRulesWithSubjects,
  PriorityLevelConfiguration,
  ResourcePolicyRule,
  Subject,
} from '../../api/flowcontrol/v1/types';

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';

const limited = (
  name: string,
  nominalConcurrencyShares: number,
  lendablePercent: number,
  queuing?: { queues: number; handSize: number },
): PriorityLevelConfiguration => ({
  apiVersion,
  kind: 'PriorityLevelConfiguration',
  metadata: { name },
  spec: {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares,
      lendablePercent,
      limitResponse: queuing ? { type: 'Queue', queuing: { ...queuing, queueLengthLimit: 50 } } : { type: 'Reject' },
    },
  },
});

export const mandatoryLevels: readonly PriorityLevelConfiguration[] = [
  {
    apiVersion,
    kind: 'PriorityLevelConfiguration',
    metadata: { name: 'exempt' },
    spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  },
  limited('catch-all', 5, 0),
];

export const suggestedLevels: readonly PriorityLevelConfiguration[] = [
  limited('system', 30, 33, { queues: 64, handSize: 6 }),
  limited('node-high', 40, 25, { queues: 64, handSize: 6 }),
  limited('leader-election', 10, 0, { queues: 16, handSize: 4 }),
  limited('workload-high', 40, 50, { queues: 128, handSize: 6 }),
  limited('workload-low', 100, 90, { queues: 128, handSize: 6 }),
  limited('global-default', 20, 50, { queues: 128, handSize: 6 }),
];

const group = (name: string): Subject => ({ kind: 'Group', group: { name } });
const user = (name: string): Subject => ({ kind: 'User', user: { name } });
const accounts = (namespace: string): Subject => ({
  kind: 'ServiceAccount',
  serviceAccount: { namespace, name: '*' },
});
const everyone = [group('system:unauthenticated'), group('system:authenticated')];

const all = (subjects: Subject[]): PolicyRulesWithSubjects => ({
  subjects,
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
});
const only = (subjects: Subject[], ...resourceRules: ResourcePolicyRule[]): PolicyRulesWithSubjects => ({
  subjects,
  resourceRules,
});

const schema = (
  name: string,
  level: string,
  matchingPrecedence: number,
  method: 'ByUser' | 'ByNamespace' | '',
  ...rules: PolicyRulesWithSubjects[]
): FlowSchema => ({
  apiVersion,
  kind: 'FlowSchema',
  metadata: { name },
  spec: {
    priorityLevelConfiguration: { name: level },
    matchingPrecedence,
    ...(method && { distinguisherMethod: { type: method } }),
    rules,
  },
});

export const mandatorySchemas: readonly FlowSchema[] = [
  schema('exempt', 'exempt', 1, '', all([group('system:masters')])),
  schema('catch-all', 'catch-all', 10_000, 'ByUser', all(everyone)),
];

const leaseWrites: ResourcePolicyRule = {
  verbs: ['get', 'create', 'update'],
  apiGroups: ['coordination.k8s.io'],
  resources: ['leases'],
  namespaces: ['*'],
};
const managers = [user('system:kube-controller-manager'), user('system:kube-scheduler')];

export const suggestedSchemas: readonly FlowSchema[] = [
  schema('probes', 'exempt', 2, '', {
    subjects: everyone,
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
  }),
  schema('system-leader-election', 'leader-election', 100, 'ByUser', only(managers, leaseWrites)),
  schema(
    'endpoint-controller',
    'workload-high',
    150,
    'ByUser',
    only(
      [
        user('system:kube-controller-manager'),
        { kind: 'ServiceAccount', serviceAccount: { namespace: 'kube-system', name: 'endpoint-controller' } },
      ],
      {
        verbs: ['get', 'create', 'update'],
        apiGroups: [''],
        resources: ['endpoints'],
        namespaces: ['*'],
      },
    ),
  ),
  schema('workload-leader-election', 'leader-election', 200, 'ByUser', only([accounts('kube-system')], leaseWrites)),
  schema(
    'system-node-high',
    'node-high',
    400,
    'ByUser',
    only(
      [group('system:nodes')],
      {
        verbs: ['*'],
        apiGroups: [''],
        resources: ['nodes', 'nodes/status'],
        namespaces: ['*'],
        clusterScope: true,
      },
      { verbs: ['*'], apiGroups: ['coordination.k8s.io'], resources: ['leases'], namespaces: ['*'] },
    ),
  ),
  schema('system-nodes', 'system', 500, 'ByUser', all([group('system:nodes')])),
  schema('kube-controller-manager', 'workload-high', 800, 'ByNamespace', all([managers[0]!])),
  schema('kube-scheduler', 'workload-high', 800, 'ByNamespace', all([managers[1]!])),
  schema('kube-system-service-accounts', 'workload-high', 900, 'ByNamespace', all([accounts('kube-system')])),
  schema('service-accounts', 'workload-low', 9000, 'ByUser', all([group('system:serviceaccounts')])),
  schema('global-default', 'global-default', 9900, 'ByUser', all(everyone)),
];
