/** Rules, subjects and role references. Upstream: `pkg/apis/rbac/validation`. */
import { at, invalidEach } from '../../meta/field-checks';
import { type FieldError, type FieldPath, invalid, notSupported, required } from '../../meta/field-error';
import { deepEqual } from '../../meta/json';
import { isValidPathSegmentName, nameIsDnsSubdomain } from '../../meta/names';
import { validateLabelSelector } from '../../meta/object-meta';
import type { ClusterRole, PolicyRule, RoleBinding, RoleRef, Subject } from './types';

export const rbacGroup = 'rbac.authorization.k8s.io';

function validateRule(rule: PolicyRule, namespaced: boolean, path: FieldPath): FieldError[] {
  const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule;
  const errors: FieldError[] = [];
  if (!verbs?.length) errors.push(required(path.child('verbs'), 'verbs must contain at least one value'));
  if (nonResourceURLs?.length) {
    const urls = path.child('nonResourceURLs');
    if (namespaced) errors.push(invalid(urls, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'));
    if (apiGroups?.length || resources?.length || resourceNames?.length) {
      const detail = 'rules cannot apply to both regular resources and non-resource URLs';
      errors.push(invalid(urls, nonResourceURLs, detail));
    }
    return errors;
  }
  if (!apiGroups?.length) {
    errors.push(required(path.child('apiGroups'), 'resource rules must supply at least one api group'));
  }
  if (!resources?.length) {
    errors.push(required(path.child('resources'), 'resource rules must supply at least one resource'));
  }
  return errors;
}

export const validateRules = (rules: PolicyRule[] | undefined, namespaced: boolean): FieldError[] =>
  (rules ?? []).flatMap((rule, index) => validateRule(rule, namespaced, at('rules').index(index)));

export function validateClusterRole({ rules, aggregationRule }: ClusterRole): FieldError[] {
  const errors = validateRules(rules, false);
  if (!aggregationRule) return errors;
  const path = at('aggregationRule', 'clusterRoleSelectors');
  const selectors = aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) {
    const detail = 'at least one clusterRoleSelector required if aggregationRule is non-nil';
    errors.push(required(path, detail));
  }
  return [...errors, ...selectors.flatMap((selector, index) => validateLabelSelector(selector, path.index(index)))];
}

function validateSubject(subject: Subject, namespaced: boolean, path: FieldPath): FieldError[] {
  const { kind, name, namespace, apiGroup = '' } = subject;
  const errors = name ? [] : [required(path.child('name'))];
  if (kind === 'ServiceAccount') {
    if (name) errors.push(...invalidEach(path.child('name'), name, nameIsDnsSubdomain(name, false)));
    if (apiGroup) errors.push(notSupported(path.child('apiGroup'), apiGroup, ['']));
    if (!namespaced && !namespace) errors.push(required(path.child('namespace')));
  } else if (kind === 'User' || kind === 'Group') {
    if (apiGroup !== rbacGroup) errors.push(notSupported(path.child('apiGroup'), apiGroup, [rbacGroup]));
  } else errors.push(notSupported(path.child('kind'), kind ?? '', ['ServiceAccount', 'User', 'Group']));
  return errors;
}

function validateRoleRef({ apiGroup, kind, name }: RoleRef, namespaced: boolean): FieldError[] {
  const path = at('roleRef');
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  const errors = apiGroup === rbacGroup ? [] : [notSupported(path.child('apiGroup'), apiGroup ?? '', [rbacGroup])];
  if (!kinds.includes(kind)) errors.push(notSupported(path.child('kind'), kind ?? '', kinds));
  if (!name) return [...errors, required(path.child('name'))];
  return [...errors, ...invalidEach(path.child('name'), name, isValidPathSegmentName(name))];
}

type Binding = Pick<RoleBinding, 'roleRef' | 'subjects'>;

export const validateBinding = ({ roleRef, subjects }: Binding, namespaced: boolean): FieldError[] => [
  ...validateRoleRef(roleRef ?? { apiGroup: '', kind: '', name: '' }, namespaced),
  ...(subjects ?? []).flatMap((subject, index) => validateSubject(subject, namespaced, at('subjects').index(index))),
];

export const validateBindingUpdate = (binding: Binding, old: Binding, namespaced: boolean): FieldError[] => [
  ...validateBinding(binding, namespaced),
  ...(deepEqual(binding.roleRef, old.roleRef)
    ? []
    : [invalid(at('roleRef'), binding.roleRef, 'cannot change roleRef')]),
];

/** Groups that follow from the kind of reference. */
export function setBindingDefaults({ roleRef, subjects }: Binding): void {
  if (roleRef) roleRef.apiGroup ||= rbacGroup;
  for (const subject of subjects ?? []) {
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= rbacGroup;
  }
}
