/** Nodes: taints, addresses, and what stays once set. Upstream: ValidateNode and ValidateNodeUpdate. */
import { at, invalidEach, oneOf } from '../../../meta/field-checks';
import { duplicate, type FieldError, FieldPath, forbidden, invalid } from '../../../meta/field-error';
import { cloneJson, deepEqual } from '../../../meta/json';
import { isQualifiedName, isValidCidr, isValidLabelValue } from '../../../meta/names';
import { validateQuantity, validateResourceName } from '../pod/validation/resources';
import { taintEffects } from '../pod/validation/scheduling';
import type { Node, Taint } from './types';

const spec = at('spec');
const status = at('status');

function validateTaints(taints: Taint[] | undefined): FieldError[] {
  const seen = new Set<string>();
  return (taints ?? []).flatMap((taint, index) => {
    const path = spec.child('taints').index(index);
    const messages = isValidLabelValue(taint.value ?? '');
    const errors = [
      ...invalidEach(path.child('key'), taint.key, isQualifiedName(taint.key ?? '')),
      ...(messages.length ? [invalid(path.child('value'), taint.value, messages.join(';'))] : []),
      ...oneOf(path.child('effect'), taint.effect, taintEffects),
    ];
    const key = `${taint.effect}/${taint.key}`;
    if (seen.has(key))
      errors.push({ ...duplicate(path, taint), detail: 'taints must be unique by key and effect pair' });
    seen.add(key);
    return errors;
  });
}

export function validateNode(node: Node): FieldError[] {
  const errors = validateTaints(node.spec?.taints);
  for (const field of ['capacity', 'allocatable'] as const) {
    for (const [name, quantity] of Object.entries(node.status?.[field] ?? {})) {
      const path = status.child(field).key(name);
      errors.push(...validateResourceName(name, path), ...validateQuantity(name, quantity, path));
    }
  }
  const cidrs = node.spec?.podCIDRs ?? [];
  const cidrsPath = spec.child('podCIDRs');
  errors.push(...cidrs.flatMap((cidr, index) => invalidEach(cidrsPath.index(index), cidr, isValidCidr(cidr))));
  if (cidrs.length > 2) errors.push(invalid(cidrsPath, cidrs, 'may specify no more than one CIDR for each IP family'));
  return errors;
}

export function validateNodeUpdate(node: Node, old: Node): FieldError[] {
  const errors = validateNode(node);
  const addresses = new Set<string>();
  for (const [index, address] of (node.status?.addresses ?? []).entries()) {
    const key = `${address.type}/${address.address}`;
    if (addresses.has(key)) errors.push(duplicate(status.child('addresses').index(index), address));
    addresses.add(key);
  }
  const munged = cloneJson(node.spec ?? {});
  const before = old.spec ?? {};
  if (before.podCIDRs?.length && !deepEqual(before.podCIDRs, munged.podCIDRs ?? [])) {
    errors.push(forbidden(spec.child('podCIDRs'), 'node updates may not change podCIDR except from "" to valid'));
  }
  if (before.providerID && before.providerID !== munged.providerID) {
    errors.push(forbidden(spec.child('providerID'), 'node updates may not change providerID except from "" to valid'));
  }
  for (const field of ['podCIDR', 'podCIDRs', 'providerID', 'taints', 'unschedulable', 'configSource'] as const) {
    (munged as Record<string, unknown>)[field] = before[field];
  }
  if (!deepEqual(munged, before)) {
    const detail =
      'node updates may only change labels, taints, or capacity (or configSource, if the DynamicKubeletConfig feature gate is enabled)';
    errors.push(forbidden(FieldPath.of(), detail));
  }
  return errors;
}
