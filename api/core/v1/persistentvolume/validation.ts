/** What a volume may say, and what stays. Upstream: ValidatePersistentVolumeSpec and ValidatePersistentVolumeUpdate. */
import { posix } from 'node:path';
import { at, optionalOneOf, unchanged } from '../../../meta/field-checks';
import { type FieldError, forbidden, notSupported, required } from '../../../meta/field-error';
import { cloneJson, deepEqual } from '../../../meta/json';
import { describeDifference } from '../pod/validation/difference';
import { validateNodeSelector } from '../pod/validation/scheduling';
import {
  validateAccessModes,
  validateCapacity,
  validateClassName,
  validatePositiveQuantity,
  validateVolumeMode,
} from '../storage-facts';
import { validateVolumeSource, volumeSourceNames } from './sources';
import type { PersistentVolume, PersistentVolumeSpec } from './types';

const path = at('spec');

function validateSize(capacity: Record<string, string>): FieldError[] {
  const capacityPath = path.child('capacity');
  const names = Object.keys(capacity);
  const errors: FieldError[] = [];
  if (names.length === 0) errors.push(required(capacityPath));
  if (names.length !== 1 || names[0] !== 'storage') errors.push(notSupported(capacityPath, capacity, ['storage']));
  return [
    ...errors,
    ...Object.entries(capacity).flatMap(([name, quantity]) => [
      ...validateCapacity(quantity, capacityPath.key(name)),
      ...validatePositiveQuantity(quantity, capacityPath.key(name)),
    ]),
  ];
}

function validateNodeAffinity({ nodeAffinity }: PersistentVolumeSpec): FieldError[] {
  if (!nodeAffinity) return [];
  const requiredPath = path.child('nodeAffinity', 'required');
  return nodeAffinity.required
    ? validateNodeSelector(nodeAffinity.required, requiredPath)
    : [required(requiredPath, 'must specify required node constraints')];
}

function validateAttributesClass({ volumeAttributesClassName: name, csi }: PersistentVolumeSpec): FieldError[] {
  if (name === undefined) return [];
  const classPath = path.child('volumeAttributesClassName');
  return [
    ...(name ? validateClassName(name, classPath) : [required(classPath, 'an empty string is disallowed')]),
    ...(csi ? [] : [required(path.child('csi'), 'has to be specified when using volumeAttributesClassName')]),
  ];
}

export function validateVolume({ spec = {} }: PersistentVolume): FieldError[] {
  const policy = spec.persistentVolumeReclaimPolicy;
  const policyPath = path.child('persistentVolumeReclaimPolicy');
  const recyclesRoot = spec.hostPath && policy === 'Recycle' && posix.normalize(spec.hostPath.path) === '/';
  return [
    ...(spec.accessModes?.length ? [] : [required(path.child('accessModes'))]),
    ...validateAccessModes(spec.accessModes, path.child('accessModes')),
    ...validateSize(spec.capacity ?? {}),
    ...optionalOneOf(policyPath, policy || undefined, ['Delete', 'Recycle', 'Retain']),
    ...validateNodeAffinity(spec),
    ...validateVolumeSource(spec, path),
    ...(recyclesRoot ? [forbidden(policyPath, "may not be 'recycle' for a hostPath mount of '/'")] : []),
    ...validateClassName(spec.storageClassName, path.child('storageClassName')),
    ...validateVolumeMode(spec.volumeMode, path.child('volumeMode')),
    ...validateAttributesClass(spec),
  ];
}

const sourceOf = (spec: PersistentVolumeSpec): Partial<PersistentVolumeSpec> =>
  Object.fromEntries(volumeSourceNames.filter((name) => spec[name]).map((name) => [name, spec[name]]));

/** The source stays, but for the secret of a CSI expansion that was not set; node affinity may be set once. */
export function validateVolumeUpdate(volume: PersistentVolume, old: PersistentVolume): FieldError[] {
  const errors = validateVolume(volume);
  const before = old.spec ?? {};
  const now = cloneJson(volume.spec ?? {});
  if (now.csi && before.csi && !before.csi.controllerExpandSecretRef) delete now.csi.controllerExpandSecretRef;
  if (!deepEqual(sourceOf(now), sourceOf(before))) {
    const difference = describeDifference('core.PersistentVolumeSource', sourceOf(before), sourceOf(now));
    const detail = `spec.persistentvolumesource is immutable after creation\n${difference}`;
    errors.push(forbidden(path.child('persistentvolumesource'), detail));
  }
  errors.push(...unchanged(at('volumeMode'), now.volumeMode, before.volumeMode));
  if (before.nodeAffinity) errors.push(...unchanged(at('nodeAffinity'), now.nodeAffinity, before.nodeAffinity));
  if (before.volumeAttributesClassName !== undefined && now.volumeAttributesClassName === undefined) {
    errors.push(forbidden(path.child('volumeAttributesClassName'), 'update from non-nil value to nil is forbidden'));
  }
  return errors;
}
