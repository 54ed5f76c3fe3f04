/** Checks of the rules that say which requests a webhook or a policy is for. */
import { optionalOneOf, repeatedAt } from '../../meta/field-checks';
import { duplicate, type FieldError, type FieldPath, invalid, notSupported, required } from '../../meta/field-error';
import { isValidPathSegmentName } from '../../meta/names';
import type { NamedRuleWithOperations, RuleWithOperations } from './types';

const operationNames = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const scopes = ['*', 'Cluster', 'Namespaced'];

/** A list that is not empty, and holds `*` only alone. */
function validateWildcardList(values: string[], path: FieldPath, noun: string): FieldError[] {
  if (values.length === 0) return [required(path)];
  if (values.length === 1 || !values.includes('*')) return [];
  return [invalid(path, values, `if '*' is present, must not specify other ${noun}`)];
}

/** Resources, subresources after a slash, and `*` for all of either: none may be covered by another. */
function validateResources(resources: string[], path: FieldPath): FieldError[] {
  const errors: FieldError[] = resources.length === 0 ? [required(path)] : [];
  const wholeResources = new Set<string>();
  const wholeSubresources = new Set<string>();
  for (const [index, entry] of resources.entries()) {
    const slash = entry.indexOf('/');
    if (!entry) errors.push(required(path.index(index)));
    if (slash < 0) continue;
    const [resource, subresource] = [entry.slice(0, slash), entry.slice(slash + 1)];
    const covered = (by: string): FieldError =>
      invalid(path.index(index), entry, `if '${by}' is present, must not specify ${entry}`);
    if (wholeResources.has(resource)) errors.push(covered(`${resource}/*`));
    if (wholeSubresources.has(subresource)) errors.push(covered(`*/${subresource}`));
    if (subresource === '*') wholeResources.add(resource);
    if (resource === '*') wholeSubresources.add(subresource);
  }
  if (resources.length > 1 && resources.includes('*/*')) {
    errors.push(invalid(path, resources, "if '*/*' is present, must not specify other resources"));
  }
  const plain = resources.some((entry) => entry !== '' && entry !== '*' && !entry.includes('/'));
  if (resources.includes('*') && plain) {
    const detail = "if '*' is present, must not specify other resources without subresources";
    errors.push(invalid(path, resources, detail));
  }
  return errors;
}

export function validateRule(rule: RuleWithOperations, path: FieldPath): FieldError[] {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule;
  const errors = validateWildcardList(operations, path.child('operations'), 'operations');
  for (const [index, operation] of operations.entries()) {
    if (operationNames.includes(operation)) continue;
    errors.push(notSupported(path.child('operations').index(index), operation, operationNames));
  }
  errors.push(...validateWildcardList(apiGroups, path.child('apiGroups'), 'API groups'));
  errors.push(...validateWildcardList(apiVersions, path.child('apiVersions'), 'API versions'));
  for (const [index, version] of apiVersions.entries()) {
    if (!version) errors.push(required(path.child('apiVersions').index(index)));
  }
  errors.push(...validateResources(resources, path.child('resources')));
  return [...errors, ...optionalOneOf(path.child('scope'), scope, scopes)];
}

export function validateNamedRule(rule: NamedRuleWithOperations, path: FieldPath): FieldError[] {
  const names = rule.resourceNames ?? [];
  const repeated = repeatedAt(names);
  const errors = names.flatMap((name, index) => {
    const at = path.child('resourceNames').index(index);
    const problems = isValidPathSegmentName(name).map((message) => invalid(at, name, message));
    return repeated.has(index) ? [...problems, duplicate(at, name)] : problems;
  });
  return [...errors, ...validateRule(rule, path)];
}
