/** LimitRange: what containers, pods and claims of a namespace may ask for, and what they get when they do not ask. */
import type { V1LimitRange, V1LimitRangeItem } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { at, invalidEach } from '../../meta/field-checks';
import { duplicate, type FieldError, type FieldPath, forbidden, invalid, required } from '../../meta/field-error';
import { isQualifiedName } from '../../meta/names';
import { Quantity } from '../../meta/quantity';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';
import { allowsOvercommit, validateContainerResourceName, validateResourceName } from './pod/validation/resources';
import { canonicalizeResourceList } from './resource-list';

export interface LimitRange extends Wire<V1LimitRange> {}
export interface LimitRangeItem extends Wire<V1LimitRangeItem> {}

type ListName = 'min' | 'max' | 'default' | 'defaultRequest' | 'maxLimitRequestRatio';
const listNames: readonly ListName[] = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'];

/** Containers get the maximum as limit, the limit as request, and the minimum as request, where nothing else is said. */
function setItemDefaults(item: LimitRangeItem): void {
  for (const list of listNames) canonicalizeResourceList(item[list]);
  if (item.type !== 'Container') return;
  const limits = { ...item.max, ...item.default };
  const requests = { ...item.min, ...limits, ...item.defaultRequest };
  if (Object.keys(limits).length) item.default = limits;
  if (Object.keys(requests).length) item.defaultRequest = requests;
}

function validateType(type: string, path: FieldPath): FieldError[] {
  const errors = invalidEach(path, type, isQualifiedName(type));
  if (errors.length || type.includes('/') || ['Pod', 'Container', 'PersistentVolumeClaim'].includes(type))
    return errors;
  return [invalid(path, type, 'must be a standard limit type or fully qualified')];
}

function validateLists(item: LimitRangeItem, path: FieldPath): FieldError[] {
  const isPod = item.type === 'Pod';
  const checkName = isPod || item.type === 'Container' ? validateContainerResourceName : validateResourceName;
  const errors = listNames.flatMap((list) => {
    const names = Object.keys(item[list] ?? {});
    if (isPod && (list === 'default' || list === 'defaultRequest')) {
      return names.length ? [forbidden(path.child(list), "may not be specified when `type` is 'Pod'")] : [];
    }
    return names.flatMap((name) => checkName(name, path.child(list).key(name)));
  });
  const { min, max } = item;
  if (item.type === 'PersistentVolumeClaim' && !min?.['storage'] && !max?.['storage']) {
    const detail = 'either minimum or maximum storage value is required, but neither was provided';
    errors.push(required(path.child('limits'), detail));
  }
  return errors;
}

/** How the values of one resource relate. */
function validateResource(item: LimitRangeItem, name: string, path: FieldPath): FieldError[] {
  const isPod = item.type === 'Pod';
  const quantityOf = (list: ListName) => Quantity.tryParse(item[list]?.[name]);
  const min = quantityOf('min');
  const max = quantityOf('max');
  const limit = isPod ? undefined : quantityOf('default');
  const request = isPod ? undefined : quantityOf('defaultRequest');
  const ratio = quantityOf('maxLimitRequestRatio');
  const errors: FieldError[] = [];
  const order = (
    [smaller, smallerName]: [Quantity | undefined, string],
    [larger, largerName]: [Quantity | undefined, string],
    list: ListName,
    badValue: Quantity | undefined,
  ): void => {
    if (!smaller || !larger || smaller.cmp(larger) <= 0) return;
    const detail = `${smallerName} value ${smaller.toString()} is greater than ${largerName} value ${larger.toString()}`;
    errors.push(invalid(path.child(list).key(name), badValue?.toString(), detail));
  };
  order([min, 'min'], [max, 'max'], 'min', min);
  order([min, 'min'], [request, 'default request'], 'defaultRequest', request);
  order([request, 'default request'], [max, 'max'], 'defaultRequest', request);
  order([request, 'default request'], [limit, 'default limit'], 'defaultRequest', request);
  order([min, 'min'], [limit, 'default'], 'default', min);
  order([limit, 'default'], [max, 'max'], 'default', max);
  if (ratio) errors.push(...validateRatio(ratio, min, max, path.child('maxLimitRequestRatio').key(name)));
  if (!allowsOvercommit(name) && limit && request && limit.cmp(request) !== 0) {
    const detail = `default value ${limit.toString()} must equal to defaultRequest value ${request.toString()} in ${name}`;
    errors.push(invalid(path.child('defaultRequest').key(name), request.toString(), detail));
  }
  return errors;
}

function validateRatio(
  ratio: Quantity,
  min: Quantity | undefined,
  max: Quantity | undefined,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (ratio.milliValue() < 1000)
    errors.push(invalid(path, ratio.toString(), `ratio ${ratio.toString()} is less than 1`));
  if (!min || !max) return errors;
  const largest = max.milliValue() / min.milliValue();
  if (ratio.milliValue() / 1000 > largest) {
    const detail = `ratio ${ratio.toString()} is greater than max/min = ${largest.toFixed(6)}`;
    errors.push(invalid(path, ratio.toString(), detail));
  }
  return errors;
}

function validate({ spec }: LimitRange): FieldError[] {
  const types = new Set<string>();
  return (spec?.limits ?? []).flatMap((item, index) => {
    const path = at('spec', 'limits').index(index);
    const errors = validateType(item.type ?? '', path.child('type'));
    if (types.has(item.type)) errors.push(duplicate(path.child('type'), item.type));
    types.add(item.type);
    const names = new Set(listNames.flatMap((list) => Object.keys(item[list] ?? {})));
    return [
      ...errors,
      ...validateLists(item, path),
      ...[...names].sort().flatMap((name) => validateResource(item, name, path)),
    ];
  });
}

export const limitRanges = defineResource<LimitRange>({
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  names: { plural: 'limitranges', singular: 'limitrange', shortNames: ['limits'] },
  scope: 'Namespaced',
  allowCreateOnUpdate: true,
  defaults({ spec }) {
    for (const item of spec?.limits ?? []) setItemDefaults(item);
  },
  validate,
  validateUpdate: validate,
});
