/** Role, RoleBinding, ClusterRole and ClusterRoleBinding. */
import { ageColumn, nameColumn, textColumn, wide } from '../../meta/columns';
import { nameIsPathSegment } from '../../meta/names';
import { defineResource, type TableColumn } from '../../meta/resource-definition';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding, Subject } from './types';
import {
  rbacGroup,
  setBindingDefaults,
  validateBinding,
  validateBindingUpdate,
  validateClusterRole,
  validateRules,
} from './validation';

export type * from './types';
export { rbacGroup };

const subjectsOf = (binding: RoleBinding, kind: string, format: (subject: Subject) => string): string =>
  (binding.subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(format)
    .join(', ');

const bindingColumns: TableColumn<RoleBinding>[] = [
  nameColumn,
  textColumn(
    'Role',
    'RoleRef can only reference a Role in the current namespace or a ClusterRole in the global namespace.',
    ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`,
  ),
  ageColumn,
  wide(textColumn('Users', 'Users in the binding', (binding) => subjectsOf(binding, 'User', ({ name }) => name))),
  wide(textColumn('Groups', 'Groups in the binding', (binding) => subjectsOf(binding, 'Group', ({ name }) => name))),
  wide(
    textColumn('ServiceAccounts', 'ServiceAccounts in the binding', (binding) =>
      subjectsOf(binding, 'ServiceAccount', ({ namespace, name }) => (namespace ? `${namespace}/${name}` : name)),
    ),
  ),
];

/** What all four kinds share: any name that fits in a path, and PUT creates. */
const shared = { group: rbacGroup, version: 'v1', validateName: nameIsPathSegment, allowCreateOnUpdate: true };

export const roles = defineResource<Role>({
  ...shared,
  kind: 'Role',
  names: { plural: 'roles', singular: 'role' },
  scope: 'Namespaced',
  validate: ({ rules }) => validateRules(rules, true),
  validateUpdate: ({ rules }) => validateRules(rules, true),
});

export const roleBindings = defineResource<RoleBinding>({
  ...shared,
  kind: 'RoleBinding',
  names: { plural: 'rolebindings', singular: 'rolebinding' },
  scope: 'Namespaced',
  defaults: setBindingDefaults,
  validate: (binding) => validateBinding(binding, true),
  validateUpdate: (binding, old) => validateBindingUpdate(binding, old, true),
  columns: bindingColumns,
});

export const clusterRoles = defineResource<ClusterRole>({
  ...shared,
  kind: 'ClusterRole',
  names: { plural: 'clusterroles', singular: 'clusterrole' },
  scope: 'Cluster',
  validate: validateClusterRole,
  validateUpdate: validateClusterRole,
});

export const clusterRoleBindings = defineResource<ClusterRoleBinding>({
  ...shared,
  kind: 'ClusterRoleBinding',
  names: { plural: 'clusterrolebindings', singular: 'clusterrolebinding' },
  scope: 'Cluster',
  defaults: setBindingDefaults,
  validate: (binding) => validateBinding(binding, false),
  validateUpdate: (binding, old) => validateBindingUpdate(binding, old, false),
  columns: bindingColumns,
});
