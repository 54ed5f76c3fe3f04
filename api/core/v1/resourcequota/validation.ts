/** What a quota may limit, and by which scopes. Upstream: ValidateResourceQuota in `pkg/apis/core/validation/validation.go`. */
import { at } from '../../../meta/field-checks';
import { type FieldError, type FieldPath, immutable, invalid, required } from '../../../meta/field-error';
import { Quantity } from '../../../meta/quantity';
import { isExtendedResource, validateResourceName } from '../pod/validation/resources';
import type { ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement } from './types';

const path = at('spec');

const computeResources = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'];

/** Counts of objects: whole numbers. */
const countResources = [
  ...['pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps'],
  ...['persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers'],
];

const standardQuotaResources = new Set([
  ...[...computeResources, ...countResources, 'ephemeral-storage', 'limits.ephemeral-storage'],
  ...['requests.storage', 'requests.ephemeral-storage'],
]);

const isStandardQuotaResource = (name: string): boolean =>
  standardQuotaResources.has(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-');

function validateQuotaResourceName(name: string, where: FieldPath): FieldError[] {
  const errors = validateResourceName(name, where);
  if (name.includes('/') || isStandardQuotaResource(name)) return errors;
  return [...errors, invalid(where, name, 'must be a standard resource for quota')];
}

function validateAmount(name: string, text: string, where: FieldPath): FieldError[] {
  const quantity = Quantity.tryParse(text);
  if (!quantity) return [];
  const errors: FieldError[] = [];
  if (quantity.isNegative()) errors.push(invalid(where, quantity.toString(), 'must be greater than or equal to 0'));
  const whole = countResources.includes(name) || isExtendedResource(name);
  if (whole && quantity.milliValue() % 1000 !== 0)
    errors.push(invalid(where, quantity.toString(), 'must be an integer'));
  return errors;
}

const validateAmounts = (amounts: Record<string, string> | undefined, where: FieldPath): FieldError[] =>
  Object.entries(amounts ?? {}).flatMap(([name, text]) => [
    ...validateQuotaResourceName(name, where.key(name)),
    ...validateAmount(name, text, where.key(name)),
  ]);

const podResources = new Set(['pods', ...computeResources]);

/** The standard resources that a scope can narrow. */
const scopes: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['Terminating', podResources],
  ['NotTerminating', podResources],
  ['BestEffort', new Set(['pods'])],
  ['NotBestEffort', podResources],
  ['PriorityClass', podResources],
  ['CrossNamespacePodAffinity', podResources],
  ['VolumeAttributesClass', new Set(['persistentvolumeclaims', 'requests.storage'])],
]);

const fits = (scope: string, resource: string): boolean =>
  !isStandardQuotaResource(resource) || (scopes.get(scope)?.has(resource) ?? true);

const conflicts = (given: readonly string[]): number =>
  [
    ['BestEffort', 'NotBestEffort'],
    ['Terminating', 'NotTerminating'],
  ].filter((pair) => pair.every((scope) => given.includes(scope))).length;

function validateScopes(spec: ResourceQuotaSpec): FieldError[] {
  const given = spec.scopes ?? [];
  const complain = (detail: string): FieldError => invalid(path.child('scopes'), given, detail);
  const resources = Object.keys(spec.hard ?? {});
  return [
    ...given.flatMap((scope) => [
      ...(scopes.has(scope) ? [] : [complain('unsupported scope')]),
      ...resources
        .filter((resource) => !fits(scope, resource))
        .map(() => complain('unsupported scope applied to resource')),
    ]),
    ...Array.from({ length: conflicts(given) }, () => complain('conflicting scopes')),
  ];
}

const onlyExists = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'];
const onlyExistsDetail =
  "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

function validateOperator({ scopeName, operator, values = [] }: ScopedResourceSelectorRequirement, where: FieldPath) {
  const errors: FieldError[] = [];
  if (onlyExists.includes(scopeName) && operator !== 'Exists') {
    errors.push(invalid(where.child('operator'), operator, onlyExistsDetail));
  }
  const valuesPath = where.child('values');
  switch (operator) {
    case 'In':
    case 'NotIn': {
      const detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
      return values.length ? errors : [...errors, required(valuesPath, detail)];
    }
    case 'Exists':
    case 'DoesNotExist': {
      const detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
      return values.length ? [...errors, invalid(valuesPath, values, detail)] : errors;
    }
    default:
      return [...errors, invalid(where.child('operator'), operator, 'not a valid selector operator')];
  }
}

/** Upstream's paths do not say which expression is meant. */
function validateScopeSelector({ scopeSelector, hard, scopes: plain }: ResourceQuotaSpec): FieldError[] {
  if (!scopeSelector) return [];
  const where = path.child('scopeSelector', 'matchExpressions');
  const requirements = scopeSelector.matchExpressions ?? [];
  const errors = requirements.flatMap((requirement) => [
    ...(scopes.has(requirement.scopeName)
      ? []
      : [invalid(where.child('scopeName'), requirement.scopeName, 'unsupported scope')]),
    ...Object.keys(hard ?? {})
      .filter((resource) => !fits(requirement.scopeName, resource))
      .map(() => invalid(where, scopeSelector, 'unsupported scope applied to resource')),
    ...validateOperator(requirement, where),
  ]);
  const given = requirements.map(({ scopeName }) => scopeName);
  const conflicting = Array.from({ length: conflicts(given) }, () => invalid(where, plain ?? [], 'conflicting scopes'));
  return [...errors, ...conflicting];
}

export function validateQuota({ spec = {} }: ResourceQuota): FieldError[] {
  return [...validateAmounts(spec.hard, path.child('hard')), ...validateScopes(spec), ...validateScopeSelector(spec)];
}

export function validateQuotaUpdate(quota: ResourceQuota, old: ResourceQuota): FieldError[] {
  const before = new Set(old.spec?.scopes ?? []);
  const now = new Set(quota.spec?.scopes ?? []);
  const same = before.size === now.size && [...before].every((scope) => now.has(scope));
  const errors = validateQuota(quota);
  return same ? errors : [...errors, immutable(path.child('scopes'), quota.spec?.scopes ?? [])];
}

export const validateQuotaStatusUpdate = ({ status }: ResourceQuota): FieldError[] => [
  ...validateAmounts(status?.hard, at('status', 'hard')),
  ...validateAmounts(status?.used, at('status', 'used')),
];
