/** Escalation checks before roles and bindings are written. Upstream: `registry/rbac/<kind>/policybased`. */
import { deepEqual } from '../../../api/meta/json';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../../api/rbac/v1';
import type { RequestContext } from '../../request-context';
import { checkBindingWrite, checkRoleWrite, type EscalationDeps } from '../../authorization/escalation';
import type { StoreHooks } from '../store';

type AnyRole = Role & ClusterRole;
type AnyBinding = RoleBinding & ClusterRoleBinding;

const roleHooks = (deps: EscalationDeps, plural: 'roles' | 'clusterroles'): StoreHooks<AnyRole> => {
  const check = async ({ user }: RequestContext, role: AnyRole, old?: AnyRole): Promise<void> => {
    // Nothing is granted when neither rules nor aggregation change (labels, finalizers).
    if (old && deepEqual(role.rules, old.rules) && deepEqual(role.aggregationRule, old.aggregationRule)) return;
    const { name = '', namespace = '' } = role.metadata ?? {};
    const aggregates = role.aggregationRule !== undefined && !deepEqual(role.aggregationRule, old?.aggregationRule);
    await checkRoleWrite(deps, user, { plural, namespace, name, rules: role.rules ?? [], aggregates });
  };
  return { beginCreate: (context, role) => check(context, role), beginUpdate: check };
};

const bindingHooks = (deps: EscalationDeps, plural: 'rolebindings' | 'clusterrolebindings'): StoreHooks<AnyBinding> => {
  const check = async ({ user }: RequestContext, binding: AnyBinding, old?: AnyBinding): Promise<void> => {
    if (old && deepEqual(binding.subjects, old.subjects) && deepEqual(binding.roleRef, old.roleRef)) return;
    const { name = '', namespace = '' } = binding.metadata ?? {};
    await checkBindingWrite(deps, user, { plural, namespace, name, ref: binding.roleRef });
  };
  return { beginCreate: (context, binding) => check(context, binding), beginUpdate: check };
};

export const createRbacHooks = (deps: EscalationDeps): Record<string, StoreHooks<any>> => ({
  roles: roleHooks(deps, 'roles'),
  clusterroles: roleHooks(deps, 'clusterroles'),
  rolebindings: bindingHooks(deps, 'rolebindings'),
  clusterrolebindings: bindingHooks(deps, 'clusterrolebindings'),
});
