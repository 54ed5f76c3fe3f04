/**
 * Brings the bootstrap roles and bindings to what they must at least be: missing rules and subjects are added, extra ones stay,
 * and objects annotated `rbac.authorization.kubernetes.io/autoupdate: "false"` are left alone. Upstream:
 * `registry/rbac/rest` and `registry/rbac/reconciliation`.
 */
import { deepEqual } from '../../api/meta/json';
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import type { KubeObject } from '../../api/meta/types';
import {
  type ClusterRole,
  type ClusterRoleBinding,
  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,
} from '../../api/rbac/v1';
import {
  bootstrapClusterRoleBindings,
  bootstrapClusterRoles,
  bootstrapRoleBindings,
  bootstrapRoles,
} from '../authorization/bootstrap/policy';
import { uncoveredRules } from '../authorization/rbac-rules';
import type { Loopback } from '../registry/loopback';
import type { ApiServerController } from './controller';
import { ensure } from './ensure';

type AnyRole = Pick<ClusterRole, 'metadata' | 'rules' | 'aggregationRule'>;
type AnyBinding = Pick<ClusterRoleBinding, 'metadata' | 'subjects' | 'roleRef'>;

const autoUpdate = 'rbac.authorization.kubernetes.io/autoupdate';

const isProtected = (object: KubeObject): boolean => object.metadata?.annotations?.[autoUpdate] === 'false';

function mendMetadata(current: KubeObject, wanted: KubeObject): void {
  const { labels, annotations } = wanted.metadata ?? {};
  current.metadata = {
    ...current.metadata,
    labels: { ...current.metadata?.labels, ...labels },
    annotations: { ...annotations, ...current.metadata?.annotations },
  };
}

/** Adds what is missing. Edits `current`. */
export function mendRole(current: AnyRole, wanted: AnyRole): void {
  if (isProtected(current)) return;
  mendMetadata(current, wanted);
  if (wanted.aggregationRule) {
    const selectors = current.aggregationRule?.clusterRoleSelectors ?? [];
    const missing = wanted.aggregationRule.clusterRoleSelectors!.filter(
      (selector) => !selectors.some((one) => deepEqual(one, selector)),
    );
    if (missing.length) current.aggregationRule = { clusterRoleSelectors: [...selectors, ...missing] };
    return;
  }
  const missing = (wanted.rules ?? []).filter((rule) => uncoveredRules(current.rules ?? [], [rule]).length);
  if (missing.length) current.rules = [...(current.rules ?? []), ...missing];
}

export function mendBinding(current: AnyBinding, wanted: AnyBinding): void {
  if (isProtected(current)) return;
  mendMetadata(current, wanted);
  const subjects = current.subjects ?? [];
  const missing = (wanted.subjects ?? []).filter(
    (subject) =>
      !subjects.some(
        (one) => one.kind === subject.kind && one.name === subject.name && one.namespace === subject.namespace,
      ),
  );
  if (missing.length) current.subjects = [...subjects, ...missing];
}

export function rbacBootstrap(loopback: Loopback): ApiServerController {
  const ensureAll = async (definition: ResourceDefinition, wanted: readonly AnyRole[]) => {
    for (const role of wanted) await ensure(loopback, definition, role, (current: AnyRole) => mendRole(current, role));
  };

  const ensureBindings = async (definition: ResourceDefinition, wanted: readonly AnyBinding[]) => {
    const store = loopback.stores.of(definition);
    for (const binding of wanted) {
      const current = await ensure(loopback, definition, binding, (object: AnyBinding) => mendBinding(object, binding));
      // A role reference cannot be changed: only a new binding can have another.
      if (isProtected(current) || current.roleRef.name === binding.roleRef.name) continue;
      await store.delete(loopback.context, binding.metadata?.namespace ?? '', current.metadata.name, {
        preconditions: { uid: current.metadata.uid },
      });
      await ensure(loopback, definition, binding);
    }
  };

  return {
    name: 'rbac/bootstrap-roles',
    async start() {
      await Promise.all([
        ensureAll(clusterRoles, bootstrapClusterRoles),
        ensureBindings(clusterRoleBindings, bootstrapClusterRoleBindings),
        ensureAll(roles, bootstrapRoles),
        ensureBindings(roleBindings, bootstrapRoleBindings),
      ]);
    },
  };
}
