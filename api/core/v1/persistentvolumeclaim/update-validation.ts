/** What may change of a claim: its size once it is bound, and its attributes class. Upstream: ValidatePersistentVolumeClaimUpdate. */
import { at, unchanged } from '../../../meta/field-checks';
import { type FieldError, forbidden, immutable } from '../../../meta/field-error';
import { cloneJson, deepEqual } from '../../../meta/json';
import { Quantity } from '../../../meta/quantity';
import { describeDifference } from '../pod/validation/difference';
import { betaStorageClassAnnotation } from '../storage-facts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from './types';
import { validateClaimSpec } from './validation';

const path = at('spec');

const hasGroup = ({ dataSource, dataSourceRef }: PersistentVolumeClaimSpec): boolean =>
  dataSource?.apiGroup !== undefined || dataSourceRef?.apiGroup !== undefined;

const betaClassOf = ({ metadata }: PersistentVolumeClaim): string | undefined =>
  metadata?.annotations?.[betaStorageClassAnnotation];

/** A class given by annotation may move to the field. */
function movesClassToField(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const before = betaClassOf(old);
  const now = betaClassOf(claim);
  const { storageClassName } = claim.spec ?? {};
  return (
    before !== undefined &&
    old.spec?.storageClassName === undefined &&
    storageClassName === before &&
    (now === undefined || now === before)
  );
}

/** A claim without a class may be given one later. */
function gainsClass(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const before = betaClassOf(old);
  const { storageClassName } = claim.spec ?? {};
  return (
    storageClassName !== undefined &&
    old.spec?.storageClassName === undefined &&
    (before === undefined || storageClassName === before)
  );
}

/** The new spec with everything changeable put back, so that what still differs is what may not change. */
function withChangeableFieldsOf(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): PersistentVolumeClaimSpec {
  const spec = cloneJson(claim.spec ?? {});
  const before = old.spec ?? {};
  if (!before.volumeName) spec.volumeName = before.volumeName;
  if (movesClassToField(claim, old) || gainsClass(claim, old)) spec.storageClassName = before.storageClassName;
  if (claim.status?.phase === 'Bound' && spec.resources?.requests) {
    const storage = before.resources?.requests?.['storage'];
    if (storage !== undefined) spec.resources.requests['storage'] = storage;
  }
  spec.volumeAttributesClassName = before.volumeAttributesClassName;
  return spec;
}

const sizeOf = (list: Record<string, string> | undefined): Quantity =>
  Quantity.tryParse(list?.['storage']) ?? Quantity.zero;

/** Shrinking is for claims whose expansion failed, and never below what they have. */
function validateSize(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const size = sizeOf(claim.spec?.resources?.requests);
  if (size.cmp(sizeOf(old.spec?.resources?.requests)) >= 0 || size.cmp(sizeOf(old.status?.capacity)) > 0) return [];
  return [forbidden(path.child('resources', 'requests', 'storage'), 'field can not be less than status.capacity')];
}

function validateAttributesClass(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const before = old.spec?.volumeAttributesClassName;
  const now = claim.spec?.volumeAttributesClassName;
  if (before === undefined || now === before) return [];
  const classPath = path.child('volumeAttributesClassName');
  if (now === undefined) return [forbidden(classPath, 'update from non-nil value to nil is forbidden')];
  return now === '' ? [forbidden(classPath, 'update from non-nil value to an empty string is forbidden')] : [];
}

export function validateClaimUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const before = old.spec ?? {};
  const errors = validateClaimSpec(claim.spec, path, { anyGroup: hasGroup(before) });
  if (!movesClassToField(claim, old) && betaClassOf(claim) !== betaClassOf(old)) {
    errors.push(immutable(at('metadata', 'annotations').key(betaStorageClassAnnotation), betaClassOf(claim) ?? ''));
  }
  const rest = withChangeableFieldsOf(claim, old);
  if (!deepEqual(rest, before)) {
    const difference = describeDifference('core.PersistentVolumeClaimSpec', before, rest);
    const detail =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    errors.push(forbidden(path, `${detail}\n${difference}`));
  }
  return [
    ...errors,
    ...validateSize(claim, old),
    ...unchanged(at('volumeMode'), claim.spec?.volumeMode, before.volumeMode),
    ...validateAttributesClass(claim, old),
  ];
}
