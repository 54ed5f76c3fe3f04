/** Resource requests and limits: names, quantities, and that requests fit in limits. */
import {
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
  duplicate,
} from '../../../../meta/field-error';
import { isQualifiedName } from '../../../../meta/names';
import { Quantity } from '../../../../meta/quantity';
import { invalidEach } from '../../../../meta/field-checks';
import { aggregateContainerResources, isPodLevelResource } from '../resources';
import type { PodSpec, ResourceRequirements } from '../types';

const quantitySyntax = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const standardResources = new Set([
  ...['cpu', 'memory', 'ephemeral-storage', 'storage', 'requests.cpu', 'requests.memory', 'requests.ephemeral-storage'],
  ...['limits.cpu', 'limits.memory', 'limits.ephemeral-storage', 'requests.storage', 'pods', 'resourcequotas'],
  ...['services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims'],
  ...['services.nodeports', 'services.loadbalancers'],
]);

const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');
/** Requests below limits are allowed. */
export const allowsOvercommit = (name: string): boolean => isNative(name) && !isHugePages(name);

/** `example.com/gpu`, also as a quota would name it. */
export const isExtendedResource = (name: string): boolean =>
  !isNative(name) && !name.startsWith('requests.') && isQualifiedName(`requests.${name}`).length === 0;

export function validateResourceName(name: string, path: FieldPath): FieldError[] {
  const syntax = invalidEach(path, name, isQualifiedName(name));
  const standard = standardResources.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-');
  if (syntax.length || name.includes('/') || standard) return syntax;
  return [invalid(path, name, 'must be a standard resource type or fully qualified')];
}

export function validateContainerResourceName(name: string, path: FieldPath): FieldError[] {
  const errors = validateResourceName(name, path);
  if (!name.includes('/')) {
    const standard = ['cpu', 'memory', 'ephemeral-storage'].includes(name) || isHugePages(name);
    return standard ? errors : [...errors, invalid(path, name, 'must be a standard resource for containers')];
  }
  if (isNative(name) || isExtendedResource(name)) return errors;
  return [...errors, invalid(path, name, "doesn't follow extended resource name standard")];
}

function validatePodResourceName(name: string, path: FieldPath): FieldError[] {
  const errors = validateResourceName(name, path);
  if (errors.length || isPodLevelResource(name)) return errors;
  return [notSupported(path, name, ['cpu', 'hugepages-', 'memory'])];
}

/** Not negative; whole numbers for extended resources. */
export function validateQuantity(name: string, text: string, path: FieldPath): FieldError[] {
  const quantity = Quantity.tryParse(text);
  if (!quantity) return [invalid(path, text, quantitySyntax)];
  const errors: FieldError[] = [];
  if (quantity.isNegative()) errors.push(invalid(path, quantity.toString(), 'must be greater than or equal to 0'));
  if (isExtendedResource(name) && quantity.milliValue() % 1000 !== 0) {
    errors.push(invalid(path, quantity.toString(), 'must be an integer'));
  }
  if (isHugePages(name)) {
    const page = Quantity.tryParse(name.slice('hugepages-'.length));
    if (!page || page.isZero() || quantity.value() % page.value() !== 0) {
      errors.push(
        invalid(path, quantity.toString(), `${quantity.toString()} is not positive integer multiple of ${name}`),
      );
    }
  }
  return errors;
}

type NameCheck = (name: string, path: FieldPath) => FieldError[];

function validateRequirements(
  resources: ResourceRequirements | undefined,
  checkName: NameCheck,
  claimNames: readonly string[],
  path: FieldPath,
): FieldError[] {
  const { limits = {}, requests = {} } = resources ?? {};
  const errors: FieldError[] = [];
  const requestsPath = path.child('requests');
  for (const [list, listPath] of [
    [limits, path.child('limits')],
    [requests, requestsPath],
  ] as const) {
    for (const [name, text] of Object.entries(list)) {
      errors.push(...checkName(name, listPath.key(name)), ...validateQuantity(name, text, listPath.key(name)));
      if (list === requests) errors.push(...validateAgainstLimit(name, text, limits[name], path));
    }
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) {
    errors.push(forbidden(path, 'HugePages require cpu or memory'));
  }
  return [...errors, ...validateClaimNames(resources?.claims ?? [], claimNames, path.child('claims'))];
}

function validateAgainstLimit(
  name: string,
  text: string,
  limitText: string | undefined,
  path: FieldPath,
): FieldError[] {
  const request = Quantity.tryParse(text);
  const limit = limitText === undefined ? undefined : Quantity.tryParse(limitText);
  if (!request) return [];
  if (!limit) {
    return limitText !== undefined || allowsOvercommit(name)
      ? []
      : [required(path.child('limits'), 'Limit must be set for non overcommitable resources')];
  }
  const comparison = request.cmp(limit);
  const complain = (relation: string) => [
    invalid(path.child('requests'), request.toString(), `must be ${relation} to ${name} limit of ${limit.toString()}`),
  ];
  if (comparison !== 0 && !allowsOvercommit(name)) return complain('equal');
  return comparison > 0 ? complain('less than or equal') : [];
}

function validateClaimNames(claims: { name: string; request?: string }[], known: readonly string[], path: FieldPath) {
  const seen = new Set<string>();
  return claims.flatMap(({ name, request }, index): FieldError[] => {
    const at = path.index(index);
    if (!name) return [required(at)];
    const key = request ? `${name}/${request}` : name;
    const errors = seen.has(name) || seen.has(key) ? [duplicate(at, seen.has(name) ? name : key)] : [];
    seen.add(key);
    if (known.includes(name)) return errors;
    const detail = known.length ? `: ${[...known].sort().join(', ')}` : ' which is empty';
    return [
      ...errors,
      { ...notFound(at, name), detail: `must be one of the names in pod.spec.resourceClaims${detail}` },
    ];
  });
}

export const validateContainerResources = (
  resources: ResourceRequirements | undefined,
  claimNames: readonly string[],
  path: FieldPath,
): FieldError[] => validateRequirements(resources, validateContainerResourceName, claimNames, path);

/** Resources stated for the whole pod must hold what its containers ask for. */
export function validatePodResources(spec: PodSpec, path: FieldPath): FieldError[] {
  const { resources } = spec;
  if (!resources) return [];
  const errors = validateRequirements(resources, validatePodResourceName, [], path);
  if (resources.claims)
    errors.unshift(forbidden(path.child('claims'), 'claims cannot be set for Resources at pod-level'));
  if (errors.length) return errors;
  for (const [name, total] of Object.entries(aggregateContainerResources(spec, 'requests'))) {
    const stated = Quantity.parse(resources.requests?.[name] ?? '0');
    if (!isPodLevelResource(name) || total.cmp(stated) <= 0) continue;
    const detail = `must be greater than or equal to aggregate container requests of ${total.toString()}`;
    errors.push(invalid(path.child('requests').key(name), stated.toString(), detail));
  }
  for (const [index, container] of (spec.containers ?? []).entries()) {
    for (const [name, text] of Object.entries(container.resources?.limits ?? {})) {
      const stated = resources.limits?.[name];
      if (stated === undefined || Quantity.parse(text).cmp(Quantity.parse(stated)) <= 0) continue;
      const at = path.child('containers').index(index).key(name).child('limits');
      errors.push(invalid(at, text, `must be less than or equal to pod limits of ${stated}`));
    }
  }
  return errors;
}
