/**
 * Nobody may grant through roles and bindings what they do not hold, unless they may `escalate` or `bind`. Upstream:
 * `pkg/registry/rbac/<kind>/policybased/storage.go` and `validation.ConfirmNoEscalation`.
 */
import type { PolicyRule } from '../../api/rbac/v1';
import { type GroupResource, newForbidden } from '../../api/meta/status-error';
import type { UserInfo } from '../request-context';
import { type Authorizer, resourceAttributes } from './authorizer';
import type { RbacAuthorizer } from './rbac';
import { formatRules, uncoveredRules } from './rbac-rules';

const apiGroup = 'rbac.authorization.k8s.io';

export interface EscalationDeps {
  rbac: RbacAuthorizer;
  /** The whole chain, so that other authorizers may allow escalate and bind. */
  authorizer: Authorizer;
}

const isMaster = (user: UserInfo): boolean => user.groups.includes('system:masters');

/** Throws Forbidden when `rules` exceed what the user holds in the namespace ('' for cluster-wide). */
export function confirmNoEscalation(
  rbac: RbacAuthorizer,
  user: UserInfo,
  namespace: string,
  rules: readonly PolicyRule[],
  target: { resource: GroupResource; name: string },
): void {
  const held = rbac.effectiveRules(user, namespace);
  const missing = uncoveredRules(held.rules, rules);
  if (!missing.length) return;
  const groups = `[${user.groups.map((group) => JSON.stringify(group)).join(' ')}]`;
  const unresolved = held.errors.length ? `\n; resolution errors: ${JSON.stringify(held.errors)}` : '';
  throw newForbidden(
    target.resource,
    target.name,
    `user ${JSON.stringify(user.name)} (groups=${groups}) is attempting to grant RBAC permissions not currently held:\n` +
      formatRules(missing).join('\n') +
      unresolved,
  );
}

/** Before a Role or ClusterRole is written with these rules. `aggregates`: it has an aggregation rule that is new or changed. */
export async function checkRoleWrite(
  deps: EscalationDeps,
  user: UserInfo,
  role: {
    plural: 'roles' | 'clusterroles';
    namespace: string;
    name: string;
    rules: readonly PolicyRule[];
    aggregates: boolean;
  },
): Promise<void> {
  if (isMaster(user)) return;
  const { decision } = await deps.authorizer.authorize(
    user,
    resourceAttributes({
      verb: 'escalate',
      apiGroup,
      resource: role.plural,
      namespace: role.namespace,
      name: role.name,
    }),
  );
  if (decision === 'allow') return;
  const target = { resource: { group: apiGroup, resource: role.plural }, name: role.name };
  const full: PolicyRule[] = [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['*'], nonResourceURLs: ['*'] },
  ];
  if (role.aggregates && uncoveredRules(deps.rbac.effectiveRules(user, role.namespace).rules, full).length) {
    throw newForbidden(target.resource, role.name, 'must have cluster-admin privileges to use the aggregationRule');
  }
  confirmNoEscalation(deps.rbac, user, role.namespace, role.rules, target);
}

/** Before a RoleBinding or ClusterRoleBinding to `ref` is written. */
export async function checkBindingWrite(
  deps: EscalationDeps,
  user: UserInfo,
  binding: {
    plural: 'rolebindings' | 'clusterrolebindings';
    namespace: string;
    name: string;
    ref: { kind: string; name: string };
  },
): Promise<void> {
  if (isMaster(user)) return;
  const resource = binding.ref.kind === 'Role' ? 'roles' : 'clusterroles';
  const { decision } = await deps.authorizer.authorize(
    user,
    resourceAttributes({ verb: 'bind', apiGroup, resource, namespace: binding.namespace, name: binding.ref.name }),
  );
  if (decision === 'allow') return;
  const target = { resource: { group: apiGroup, resource: binding.plural }, name: binding.name };
  const { rules, error } = deps.rbac.rulesOfRef(binding.ref, binding.namespace);
  if (error) {
    throw newForbidden(target.resource, binding.name, error);
  }
  confirmNoEscalation(deps.rbac, user, binding.namespace, rules, target);
}
