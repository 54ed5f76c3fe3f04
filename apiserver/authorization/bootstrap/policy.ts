/**
 * Everything RBAC starts with. Roles and bindings named `system:…` are upstream's; those named `kubelab:…` are what kubeadm
 * adds for joining nodes, and what kubelab's own processes need beyond upstream's.
 */
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../../api/rbac/v1';
import { componentRoles } from './component-roles';
import { controllerRoleLabel, controllerRoles, controllerRules } from './controller-roles';
import {
  account,
  aggregatedRole,
  binding,
  clusterBinding,
  clusterRole,
  events,
  group,
  read,
  role,
  rule,
  user,
} from './rules';
import { userRoles } from './user-roles';

/** The group of the bootstrap tokens that `join` hands out. */
export const joinGroup = 'system:bootstrappers:kubelab:default-node-token';

const authenticated = group('system:authenticated');
const unauthenticated = group('system:unauthenticated');
const controllerManager = user('system:kube-controller-manager');
const scheduler = user('system:kube-scheduler');
const csrRole = (kind: string): string => `system:certificates.k8s.io:certificatesigningrequests:${kind}`;

const kubelabRoles: ClusterRole[] = [
  // The sum of the controllers' roles, for a controller manager that runs them all as one user.
  aggregatedRole('kubelab:controller-manager', controllerRoleLabel),
  // Approval of what upstream leaves to an administrator: serving certificates of nodes, client certificates of kube-proxy.
  clusterRole(
    'kubelab:certificate-approver',
    [
      rule(
        'approve',
        'certificates.k8s.io',
        'signers',
        'kubernetes.io/kube-apiserver-client kubernetes.io/kubelet-serving',
      ),
      rule('get', 'core', 'nodes'),
    ],
    { [controllerRoleLabel]: 'true' },
  ),
  clusterRole('kubelab:kubeproxyclient', [
    rule('create', 'certificates.k8s.io', 'certificatesigningrequests/kubeproxyclient'),
  ]),
  // kube-proxy answers cluster DNS, which knows the namespaces, as CoreDNS does.
  clusterRole('kubelab:cluster-dns', [rule('list watch', 'core', 'namespaces')]),
  // Kubelets route to the pod ranges of all other nodes.
  clusterRole('kubelab:node-routes', [rule(read, 'core', 'nodes')]),
  // A host that leaves takes its Node object with it; NodeRestriction lets a node delete itself only.
  clusterRole('kubelab:node-leave', [rule('delete', 'core', 'nodes')]),
];

export const bootstrapClusterRoles: ClusterRole[] = [
  ...userRoles,
  ...componentRoles,
  ...controllerRoles,
  ...kubelabRoles,
];

export const bootstrapClusterRoleBindings: ClusterRoleBinding[] = [
  clusterBinding('cluster-admin', [group('system:masters')]),
  clusterBinding('system:monitoring', [group('system:monitoring')]),
  clusterBinding('system:discovery', [authenticated]),
  clusterBinding('system:basic-user', [authenticated]),
  clusterBinding('system:public-info-viewer', [authenticated, unauthenticated]),
  clusterBinding('system:node-proxier', [user('system:kube-proxy')]),
  clusterBinding('kubelab:cluster-dns', [user('system:kube-proxy')]),
  clusterBinding('system:kube-controller-manager', [controllerManager]),
  clusterBinding('system:kube-dns', [account('kube-system', 'kube-dns')]),
  clusterBinding('system:kube-scheduler', [scheduler]),
  clusterBinding('system:volume-scheduler', [scheduler]),
  // Without subjects since the Node authorizer took its place.
  clusterBinding('system:node', []),
  clusterBinding('system:service-account-issuer-discovery', [group('system:serviceaccounts')]),
  ...Object.keys(controllerRules).map((name) =>
    clusterBinding(`system:controller:${name}`, [account('kube-system', name)]),
  ),
  clusterBinding('kubelab:controller-manager', [controllerManager]),
  clusterBinding('kubelab:certificate-approver', [account('kube-system', 'certificate-controller')]),
  clusterBinding('kubelab:node-routes', [group('system:nodes')]),
  clusterBinding('kubelab:node-leave', [group('system:nodes')]),
  clusterBinding('kubelab:kubelet-bootstrap', [group(joinGroup)], 'system:node-bootstrapper'),
  clusterBinding('kubelab:node-autoapprove-bootstrap', [group(joinGroup)], csrRole('nodeclient')),
  clusterBinding('kubelab:node-autoapprove-certificate-rotation', [group('system:nodes')], csrRole('selfnodeclient')),
  clusterBinding('kubelab:kubeproxyclient', [group(joinGroup)]),
  clusterBinding(
    'kubelab:apiserver-kubelet-client',
    [user('kube-apiserver-kubelet-client')],
    'system:kubelet-api-admin',
  ),
];

const leaderLock = (component: string) => [
  rule('watch', 'core', 'configmaps'),
  rule('get update', 'core', 'configmaps', component),
];

export const bootstrapRoles: Role[] = [
  role('kube-system', 'extension-apiserver-authentication-reader', [
    rule(read, 'core', 'configmaps', 'extension-apiserver-authentication'),
  ]),
  role('kube-system', 'system:controller:bootstrap-signer', [rule(read, 'core', 'secrets')]),
  role('kube-system', 'system:controller:cloud-provider', [rule('create get list watch', 'core', 'configmaps')]),
  role('kube-system', 'system:controller:token-cleaner', [rule('delete get list watch', 'core', 'secrets'), events]),
  role('kube-system', 'system::leader-locking-kube-controller-manager', leaderLock('kube-controller-manager')),
  role('kube-system', 'system::leader-locking-kube-scheduler', leaderLock('kube-scheduler')),
  role('kube-public', 'system:controller:bootstrap-signer', [
    rule(read, 'core', 'configmaps'),
    rule('update', 'core', 'configmaps', 'cluster-info'),
    events,
  ]),
  // kubeadm's: whoever joins may read cluster-info.
  role('kube-public', 'kubelab:bootstrap-signer-clusterinfo', [rule('get', 'core', 'configmaps', 'cluster-info')]),
];

export const bootstrapRoleBindings: RoleBinding[] = [
  binding(
    'kube-system',
    'system::extension-apiserver-authentication-reader',
    [controllerManager, scheduler],
    'extension-apiserver-authentication-reader',
  ),
  ...['bootstrap-signer', 'cloud-provider', 'token-cleaner'].map((name) =>
    binding('kube-system', `system:controller:${name}`, [account('kube-system', name)]),
  ),
  binding('kube-system', 'system::leader-locking-kube-controller-manager', [
    controllerManager,
    account('kube-system', 'kube-controller-manager'),
  ]),
  binding('kube-system', 'system::leader-locking-kube-scheduler', [
    scheduler,
    account('kube-system', 'kube-scheduler'),
  ]),
  binding('kube-public', 'system:controller:bootstrap-signer', [account('kube-system', 'bootstrap-signer')]),
  binding('kube-public', 'kubelab:bootstrap-signer-clusterinfo', [group(joinGroup), unauthenticated]),
];
