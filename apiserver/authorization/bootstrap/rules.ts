/** Short notation for RBAC rules as data: words separated by spaces. */
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding } from '../../../api/rbac/v1';

export type Subject = NonNullable<ClusterRoleBinding['subjects']>[number];

/** `''` stands for the core group and is written `core`. */
const groupsOf = (text: string): string[] => text.split(' ').map((group) => (group === 'core' ? '' : group));

/** `rule('get list', 'core apps', 'pods deployments/scale', 'name')` */
export const rule = (verbs: string, groups: string, resources: string, names?: string): PolicyRule => ({
  verbs: verbs.split(' '),
  apiGroups: groupsOf(groups),
  resources: resources.split(' '),
  ...(names && { resourceNames: names.split(' ') }),
});

export const urlRule = (verbs: string, paths: string): PolicyRule => ({
  verbs: verbs.split(' '),
  nonResourceURLs: paths.split(' '),
});

export const read = 'get list watch';
export const write = 'create delete deletecollection patch update';
export const events = rule('create patch update', 'core events.k8s.io', 'events');

const apiGroup = 'rbac.authorization.k8s.io';

/** What upstream puts on everything it bootstraps; autoupdate makes every start reconcile it. */
const bootstrapMetadata = (name: string, labels: Record<string, string> = {}) => ({
  name,
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
});

export const clusterRole = (name: string, rules: PolicyRule[], labels?: Record<string, string>): ClusterRole => ({
  metadata: bootstrapMetadata(name, labels),
  rules,
});

/** A role whose rules are those of the roles labelled `label: "true"`. */
export const aggregatedRole = (name: string, label: string, labels?: Record<string, string>): ClusterRole => ({
  metadata: bootstrapMetadata(name, labels),
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [label]: 'true' } }] },
  rules: [],
});

export const role = (namespace: string, name: string, rules: PolicyRule[]): Role => ({
  metadata: { ...bootstrapMetadata(name), namespace },
  rules,
});

export const user = (name: string): Subject => ({ kind: 'User', apiGroup, name });
export const group = (name: string): Subject => ({ kind: 'Group', apiGroup, name });
export const account = (namespace: string, name: string): Subject => ({ kind: 'ServiceAccount', namespace, name });

export const clusterBinding = (name: string, subjects: Subject[], roleName = name): ClusterRoleBinding => ({
  metadata: bootstrapMetadata(name),
  roleRef: { apiGroup, kind: 'ClusterRole', name: roleName },
  ...(subjects.length && { subjects }),
});

export const binding = (namespace: string, name: string, subjects: Subject[], roleName = name): RoleBinding => ({
  metadata: { ...bootstrapMetadata(name), namespace },
  roleRef: { apiGroup, kind: 'Role', name: roleName },
  subjects,
});
