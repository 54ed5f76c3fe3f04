import { mandatorySchemas, suggestedSchemas } from '../../../../apiserver/flow-control/bootstrap';
import { byPrecedence, distinguisherOf, matchesFlowSchema } from '../../../../apiserver/flow-control/matching';
import { parseRequestInfo } from '../../../../apiserver/request-info';

const schemas = [...suggestedSchemas, ...mandatorySchemas].sort(byPrecedence);
const lease = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/one';
const nodeLease = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n';
const pods = '/api/v1/namespaces/a/pods';
const authenticated = 'system:authenticated';

it.each<[string, string[], string, string, string, string]>([
  ['admin', ['system:masters', authenticated], 'GET', pods, 'exempt', ''],
  ['system:anonymous', ['system:unauthenticated'], 'GET', '/readyz', 'probes', ''],
  ['system:anonymous', ['system:unauthenticated'], 'GET', '/version', 'global-default', 'system:anonymous'],
  ['system:kube-scheduler', [authenticated], 'PUT', lease, 'system-leader-election', 'system:kube-scheduler'],
  ['system:kube-scheduler', [authenticated], 'GET', pods, 'kube-scheduler', 'a'],
  [
    'system:kube-controller-manager',
    [authenticated],
    'PUT',
    '/api/v1/namespaces/a/endpoints/e',
    'endpoint-controller',
    'system:kube-controller-manager',
  ],
  ['system:node:n', ['system:nodes', authenticated], 'PUT', nodeLease, 'system-node-high', 'system:node:n'],
  [
    'system:node:n',
    ['system:nodes', authenticated],
    'PATCH',
    '/api/v1/nodes/n/status',
    'system-node-high',
    'system:node:n',
  ],
  ['system:node:n', ['system:nodes', authenticated], 'GET', pods, 'system-nodes', 'system:node:n'],
  [
    'system:serviceaccount:kube-system:c',
    ['system:serviceaccounts', authenticated],
    'PUT',
    lease,
    'workload-leader-election',
    'system:serviceaccount:kube-system:c',
  ],
  [
    'system:serviceaccount:kube-system:c',
    ['system:serviceaccounts', authenticated],
    'GET',
    pods,
    'kube-system-service-accounts',
    'a',
  ],
  [
    'system:serviceaccount:a:default',
    ['system:serviceaccounts', authenticated],
    'GET',
    pods,
    'service-accounts',
    'system:serviceaccount:a:default',
  ],
  ['jane', [authenticated], 'GET', pods, 'global-default', 'jane'],
  ['jane', ['nobody-knows'], 'GET', pods, 'none', ''],
])('puts %s of %j with %s %s into %s as %j', (name, groups, method, path, schema, flow) => {
  const info = parseRequestInfo(method, path, new URLSearchParams());
  const user = { name, groups };
  const found = schemas.find((one) => matchesFlowSchema(one, user, info));
  expect(found?.metadata?.name ?? 'none').toBe(schema);
  expect(found ? distinguisherOf(found, user, info) : '').toBe(flow);
});
