import { clusterRoleBindings, type RoleBinding, roleBindings, roles } from '../../../../../api/rbac/v1';
import { type FieldError, formatFieldError } from '../../../../../api/meta/field-error';

const print = (errors: FieldError[] = []) => errors.map((error) => formatFieldError(error));
const binding = (roleRef: object, subjects: object[] = []): RoleBinding => {
  const object = { metadata: { name: 'b', namespace: 'n' }, roleRef, subjects } as unknown as RoleBinding;
  roleBindings.defaults?.(object);
  return object;
};

it('asks rules for verbs, groups and resources', () => {
  expect(print(roles.validate?.({ rules: [{ verbs: [] }] }))).toEqual([
    'rules[0].verbs: Required value: verbs must contain at least one value',
    'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
    'rules[0].resources: Required value: resource rules must supply at least one resource',
  ]);
});

it('does not let a Role speak of paths', () => {
  expect(print(roles.validate?.({ rules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }] }))).toEqual([
    'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
  ]);
});

it('fills in the groups of references and checks them', () => {
  expect(print(roleBindings.validate?.(binding({ kind: 'Role', name: 'r' }, [{ kind: 'User', name: 'u' }])))).toEqual(
    [],
  );
  expect(print(clusterRoleBindings.validate?.(binding({ kind: 'Role', name: 'r' })))).toEqual([
    'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
  ]);
});

it('keeps the role of a binding', () => {
  const errors = roleBindings.validateUpdate?.(
    binding({ kind: 'Role', name: 's' }),
    binding({ kind: 'Role', name: 'r' }),
  );
  expect(print(errors)).toEqual([
    'roleRef: Invalid value: {"kind":"Role","name":"s","apiGroup":"rbac.authorization.k8s.io"}: cannot change roleRef',
  ]);
});
