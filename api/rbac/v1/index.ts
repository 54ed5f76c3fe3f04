/** Role, RoleBinding, ClusterRole and ClusterRoleBinding. */
import { defineResource } from '../../meta/resource-definition';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from './types';

export type * from './types';

export const roles = defineResource<Role>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  names: { plural: 'roles', singular: 'role' },
  scope: 'Namespaced',
});

export const roleBindings = defineResource<RoleBinding>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'RoleBinding',
  names: { plural: 'rolebindings', singular: 'rolebinding' },
  scope: 'Namespaced',
});

export const clusterRoles = defineResource<ClusterRole>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  names: { plural: 'clusterroles', singular: 'clusterrole' },
  scope: 'Cluster',
});

export const clusterRoleBindings = defineResource<ClusterRoleBinding>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  names: { plural: 'clusterrolebindings', singular: 'clusterrolebinding' },
  scope: 'Cluster',
});
