/**
 * The RBAC authorizer, over views of roles and bindings indexed by subject: a decision looks only at the bindings of the user
 * and its groups. Upstream: `plugin/pkg/auth/authorizer/rbac`.
 */
import {
  type ClusterRoleBinding,
  clusterRoleBindings,
  clusterRoles,
  type PolicyRule,
  type RoleBinding,
  roleBindings,
  roles,
} from '../../api/rbac/v1';
import type { Stored } from '../../api/meta/types';
import { splitUserName } from '../authentication/service-account-claims';
import type { View } from '../registry/view';
import type { UserInfo } from '../request-context';
import type { Authorizer, AuthorizerAttributes } from './authorizer';
import { ruleAllows } from './rbac-rules';
import type { Subject } from './bootstrap/rules';

export interface RbacViews {
  roles: View<any>;
  roleBindings: View<RoleBinding>;
  clusterRoles: View<any>;
  clusterRoleBindings: View<ClusterRoleBinding>;
}

export interface RbacAuthorizer extends Authorizer {
  /** The rules of a role reference, or why there are none. */
  rulesOfRef(ref: { kind: string; name: string }, namespace: string): { rules: PolicyRule[]; error?: string };
  /** Rules a user holds, with errors of dangling references. */
  effectiveRules(user: UserInfo, namespace: string): { rules: PolicyRule[]; errors: string[] };
}

const subjectIndex = 'subject';

/** The index values of a binding: `user:jane`, `group:system:nodes`, `account:kube-system/x`. */
function subjectKeys(subjects: Subject[] | undefined, bindingNamespace = ''): string[] {
  return (subjects ?? []).map(({ kind, name, namespace }) => {
    if (kind === 'ServiceAccount') return `account:${namespace || bindingNamespace}/${name}`;
    return `${kind.toLowerCase()}:${name}`;
  });
}

function userKeys(user: UserInfo): string[] {
  const keys = [`user:${user.name}`, ...user.groups.map((group) => `group:${group}`)];
  const account = splitUserName(user.name);
  if (account) keys.push(`account:${account.namespace}/${account.name}`);
  return keys;
}

export const rbacViewsOf = (view: <T extends object>(definition: any) => View<T>): RbacViews => ({
  roles: view(roles),
  roleBindings: view(roleBindings),
  clusterRoles: view(clusterRoles),
  clusterRoleBindings: view(clusterRoleBindings),
});

export function createRbacAuthorizer(views: RbacViews): RbacAuthorizer {
  views.clusterRoleBindings.addIndex(subjectIndex, (binding) => subjectKeys(binding.subjects));
  views.roleBindings.addIndex(subjectIndex, (binding) =>
    subjectKeys(binding.subjects, binding.metadata?.namespace).map((key) => `${binding.metadata?.namespace}|${key}`),
  );

  const rulesOfRef: RbacAuthorizer['rulesOfRef'] = (ref, namespace) => {
    const local = ref.kind === 'Role';
    const found = local ? views.roles.get(`${namespace}/${ref.name}`) : views.clusterRoles.get(ref.name);
    if (found) return { rules: found.rules ?? [] };
    const plural = local ? 'role' : 'clusterrole';
    return { rules: [], error: `${plural}.rbac.authorization.k8s.io "${ref.name}" not found` };
  };

  /** Bindings that apply to a user in a namespace, cluster-wide ones first; a generator, since most decisions end early. */
  function* bindingsOf(user: UserInfo, namespace: string): Generator<Stored<ClusterRoleBinding | RoleBinding>> {
    const keys = userKeys(user);
    for (const key of keys) yield* views.clusterRoleBindings.byIndex(subjectIndex, key);
    if (!namespace) return;
    for (const key of keys) yield* views.roleBindings.byIndex(subjectIndex, `${namespace}|${key}`);
  }

  const describe = (binding: Stored<ClusterRoleBinding | RoleBinding>, key: UserInfo): string => {
    const { namespace, name } = binding.metadata;
    const kind = namespace ? 'RoleBinding' : 'ClusterRoleBinding';
    const keys = new Set(userKeys(key));
    const subject = binding.subjects?.find((candidate) =>
      subjectKeys([candidate], namespace).some((one) => keys.has(one)),
    );
    const who = subject
      ? `${subject.kind} ${JSON.stringify(subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace ?? namespace}` : subject.name)}`
      : '';
    const where = namespace ? `${name}/${namespace}` : name;
    return `RBAC: allowed by ${kind} ${JSON.stringify(where)} of ${binding.roleRef.kind} ${JSON.stringify(binding.roleRef.name)} to ${who}`;
  };

  const authorize = async (user: UserInfo, attributes: AuthorizerAttributes) => {
    const errors = new Set<string>();
    const namespace = attributes.resourceRequest ? attributes.namespace : '';
    for (const binding of bindingsOf(user, namespace)) {
      const { rules, error } = rulesOfRef(binding.roleRef, binding.metadata.namespace ?? '');
      if (error) errors.add(error);
      if (rules.some((rule) => ruleAllows(attributes, rule))) {
        return { decision: 'allow' as const, reason: describe(binding, user) };
      }
    }
    const reason = errors.size ? `RBAC: ${joinErrors([...errors])}` : '';
    return {
      decision: 'no-opinion' as const,
      reason,
      ...(errors.size && { evaluationError: joinErrors([...errors]) }),
    };
  };

  const effectiveRules = (user: UserInfo, namespace: string): { rules: PolicyRule[]; errors: string[] } => {
    const rules = new Set<PolicyRule>();
    const errors = new Set<string>();
    for (const binding of bindingsOf(user, namespace)) {
      const found = rulesOfRef(binding.roleRef, binding.metadata.namespace ?? '');
      for (const rule of found.rules) rules.add(rule);
      if (found.error) errors.add(found.error);
    }
    return { rules: [...rules], errors: [...errors] };
  };

  return {
    authorize,
    rulesOfRef,
    effectiveRules,
    async rulesFor(user, namespace) {
      const { rules, errors } = effectiveRules(user, namespace);
      return { rules, incomplete: errors.length > 0, ...(errors.length && { evaluationError: joinErrors(errors) }) };
    },
  };
}

const joinErrors = (errors: string[]): string => (errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`);
