/** RBAC's shapes. */
import type {
  V1ClusterRole,
  V1ClusterRoleBinding,
  V1PolicyRule,
  V1Role,
  V1RoleBinding,
  V1RoleRef,
  RbacV1Subject,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import type { Wire } from '../../meta/types';

export interface PolicyRule extends Wire<V1PolicyRule> {}
export interface Role extends Wire<V1Role> {}
export interface RoleBinding extends Wire<V1RoleBinding> {}
export interface ClusterRole extends Wire<V1ClusterRole> {}
export interface ClusterRoleBinding extends Wire<V1ClusterRoleBinding> {}
export interface RoleRef extends Wire<V1RoleRef> {}
export interface Subject extends Wire<RbacV1Subject> {}
