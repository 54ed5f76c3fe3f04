/**
 * The priority levels and flow schemas that every cluster has. Mandatory ones are what the API server falls back to, and
 * their spec is fixed; suggested ones are kept up to date as long as the administrator has not taken them over. Upstream:
 * apiserver `pkg/apis/flowcontrol/bootstrap/default.go`.
 */
import type {
  FlowSchema,
  LimitedPriorityLevelConfiguration,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  PriorityLevelConfiguration,
  QueuingConfiguration,
  ResourcePolicyRule,
  Subject,
} from './types';

const limited = (
  name: string,
  nominalConcurrencyShares: number,
  lendablePercent: number,
  limitResponse: LimitedPriorityLevelConfiguration['limitResponse'],
): PriorityLevelConfiguration => ({
  metadata: { name },
  spec: { type: 'Limited', limited: { nominalConcurrencyShares, lendablePercent, limitResponse } },
});

const queue = (queues: number, handSize: number): { type: string; queuing: QueuingConfiguration } => ({
  type: 'Queue',
  queuing: { queues, handSize, queueLengthLimit: 50 },
});

export const mandatoryPriorityLevels: readonly PriorityLevelConfiguration[] = [
  {
    metadata: { name: 'exempt' },
    spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  },
  limited('catch-all', 5, 0, { type: 'Reject' }),
];

export const suggestedPriorityLevels: readonly PriorityLevelConfiguration[] = [
  limited('system', 30, 33, queue(64, 6)),
  limited('node-high', 40, 25, queue(64, 6)),
  limited('leader-election', 10, 0, queue(16, 4)),
  limited('workload-high', 40, 50, queue(128, 6)),
  limited('workload-low', 100, 90, queue(128, 6)),
  limited('global-default', 20, 50, queue(128, 6)),
];

const users = (...names: string[]): Subject[] => names.map((name) => ({ kind: 'User', user: { name } }));
const groups = (...names: string[]): Subject[] => names.map((name) => ({ kind: 'Group', group: { name } }));
const systemAccounts = (...names: string[]): Subject[] =>
  names.map((name) => ({ kind: 'ServiceAccount', serviceAccount: { name, namespace: 'kube-system' } }));

const resourceRule = (
  verbs: string[],
  apiGroup: string,
  resources: string[],
  clusterScope?: true,
): ResourcePolicyRule => ({
  verbs,
  apiGroups: [apiGroup],
  resources,
  namespaces: ['*'],
  ...(clusterScope && { clusterScope }),
});

const allResources: ResourcePolicyRule[] = [resourceRule(['*'], '*', ['*'], true)];
const allPaths: NonResourcePolicyRule[] = [{ verbs: ['*'], nonResourceURLs: ['*'] }];
const everythingOf = (subjects: Subject[]): PolicyRulesWithSubjects => ({
  subjects,
  resourceRules: allResources,
  nonResourceRules: allPaths,
});

function flowSchema(
  name: string,
  level: string,
  matchingPrecedence: number,
  distinguisher: 'ByUser' | 'ByNamespace' | undefined,
  rule: PolicyRulesWithSubjects,
): FlowSchema {
  return {
    metadata: { name },
    spec: {
      priorityLevelConfiguration: { name: level },
      matchingPrecedence,
      ...(distinguisher && { distinguisherMethod: { type: distinguisher } }),
      rules: [rule],
    },
  };
}

const everybody = groups('system:unauthenticated', 'system:authenticated');
const lockVerbs = ['get', 'create', 'update'];
const locks = resourceRule(lockVerbs, 'coordination.k8s.io', ['leases']);
const controllerManager = 'system:kube-controller-manager';
const scheduler = 'system:kube-scheduler';

export const mandatoryFlowSchemas: readonly FlowSchema[] = [
  flowSchema('exempt', 'exempt', 1, undefined, everythingOf(groups('system:masters'))),
  flowSchema('catch-all', 'catch-all', 10_000, 'ByUser', everythingOf(everybody)),
];

export const suggestedFlowSchemas: readonly FlowSchema[] = [
  flowSchema('system-nodes', 'system', 500, 'ByUser', everythingOf(groups('system:nodes'))),
  flowSchema('system-node-high', 'node-high', 400, 'ByUser', {
    subjects: groups('system:nodes'),
    resourceRules: [
      resourceRule(['*'], '', ['nodes', 'nodes/status'], true),
      resourceRule(['*'], 'coordination.k8s.io', ['leases']),
    ],
  }),
  flowSchema('probes', 'exempt', 2, undefined, {
    subjects: everybody,
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
  }),
  flowSchema('system-leader-election', 'leader-election', 100, 'ByUser', {
    subjects: [...users(controllerManager, scheduler), ...systemAccounts('*')],
    resourceRules: [locks],
  }),
  // Before the locks of workloads, so that writing endpoints is not taken for leader election.
  flowSchema('endpoint-controller', 'workload-high', 150, 'ByUser', {
    subjects: [
      ...users(controllerManager),
      ...systemAccounts('endpoint-controller', 'endpointslicemirroring-controller'),
    ],
    resourceRules: [resourceRule(lockVerbs, '', ['endpoints'])],
  }),
  flowSchema('workload-leader-election', 'leader-election', 200, 'ByUser', {
    subjects: systemAccounts('*'),
    resourceRules: [resourceRule(lockVerbs, '', ['endpoints', 'configmaps']), locks],
  }),
  flowSchema('kube-controller-manager', 'workload-high', 800, 'ByNamespace', everythingOf(users(controllerManager))),
  flowSchema('kube-scheduler', 'workload-high', 800, 'ByNamespace', everythingOf(users(scheduler))),
  flowSchema('kube-system-service-accounts', 'workload-high', 900, 'ByNamespace', everythingOf(systemAccounts('*'))),
  flowSchema('service-accounts', 'workload-low', 9000, 'ByUser', everythingOf(groups('system:serviceaccounts'))),
  flowSchema('global-default', 'global-default', 9900, 'ByUser', everythingOf(everybody)),
];
