/**
 * Validation of `metadata`, the same for every kind: apimachinery `pkg/api/validation/objectmeta.go`,
 * `meta/v1/validation`, and, for built-in kinds, core's rule that unqualified finalizers are only the known ones.
 */
import {
  type FieldError,
  FieldPath,
  forbidden,
  immutable,
  invalid,
  notSupported,
  required,
  tooLong,
} from './field-error';
import { deepEqual } from './json';
import { isDns1123Label, isQualifiedName, isValidLabelValue } from './names';
import type { LabelSelector, ObjectMeta, OwnerReference } from './types';

const totalAnnotationSizeLimitBytes = 256 * 1024;
const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion'];

type ValidateName = (name: string, prefix: boolean) => string[];

const each = (messages: string[], path: FieldPath, value: unknown): FieldError[] =>
  messages.map((message) => invalid(path, value, message));

/** Checks the metadata of a new object, after its name was generated. */
export function validateObjectMeta(
  meta: ObjectMeta,
  namespaced: boolean,
  validateName: ValidateName,
  path: FieldPath = FieldPath.of('metadata'),
): FieldError[] {
  const errors: FieldError[] = [];
  if (meta.generateName) {
    errors.push(...each(validateName(meta.generateName, true), path.child('generateName'), meta.generateName));
  }
  if (!meta.name) errors.push(required(path.child('name'), 'name or generateName is required'));
  else errors.push(...each(validateName(meta.name, false), path.child('name'), meta.name));
  errors.push(...validateNamespace(meta.namespace, namespaced, path.child('namespace')));
  if ((meta.generation ?? 0) < 0) {
    errors.push(invalid(path.child('generation'), meta.generation, 'must be greater than or equal to 0'));
  }
  return [
    ...errors,
    ...validateLabels(meta.labels, path.child('labels')),
    ...validateAnnotations(meta.annotations, path.child('annotations')),
    ...validateOwnerReferences(meta.ownerReferences, path.child('ownerReferences')),
    ...validateFinalizers(meta.finalizers ?? [], path.child('finalizers')),
    ...validateManagedFields(meta.managedFields ?? [], path.child('managedFields')),
  ];
}

/** Checks what an update did to the metadata. */
export function validateObjectMetaUpdate(
  meta: ObjectMeta,
  old: ObjectMeta,
  path: FieldPath = FieldPath.of('metadata'),
): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp) {
    const added = (meta.finalizers ?? []).filter((finalizer) => !old.finalizers?.includes(finalizer)).sort();
    const list = `[]string{${[...new Set(added)].map((name) => JSON.stringify(name)).join(', ')}}`;
    const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`;
    if (added.length) errors.push(forbidden(path.child('finalizers'), detail));
  }
  if (!meta.resourceVersion) {
    errors.push(invalid(path.child('resourceVersion'), '', 'must be specified for an update'));
  }
  if ((meta.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(invalid(path.child('generation'), meta.generation ?? 0, 'must not be decremented'));
  }
  const fixed = [
    'name',
    'namespace',
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ] as const;
  for (const field of fixed) {
    if (!deepEqual(meta[field] || undefined, old[field] || undefined)) {
      errors.push(immutable(path.child(field), meta[field]));
    }
  }
  return [
    ...errors,
    ...validateLabels(meta.labels, path.child('labels')),
    ...validateAnnotations(meta.annotations, path.child('annotations')),
    ...validateOwnerReferences(meta.ownerReferences, path.child('ownerReferences')),
    ...validateManagedFields(meta.managedFields ?? [], path.child('managedFields')),
  ];
}

function validateNamespace(namespace: string | undefined, namespaced: boolean, path: FieldPath): FieldError[] {
  if (!namespaced) return namespace ? [forbidden(path, 'not allowed on this type')] : [];
  return namespace ? each(isDns1123Label(namespace), path, namespace) : [required(path)];
}

export const validateLabelName = (name: string, path: FieldPath): FieldError[] =>
  each(isQualifiedName(name), path, name);

export const validateLabels = (labels: Record<string, string> | undefined, path: FieldPath): FieldError[] =>
  Object.entries(labels ?? {}).flatMap(([name, value]) => [
    ...validateLabelName(name, path),
    ...each(isValidLabelValue(value), path, value),
  ]);

/** Keys are qualified names of either case; keys and values together are at most 256 KiB. */
export function validateAnnotations(annotations: Record<string, string> | undefined, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  let sizeBytes = 0;
  for (const [name, value] of Object.entries(annotations ?? {})) {
    errors.push(...each(isQualifiedName(name.toLowerCase()), path, name));
    sizeBytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  if (sizeBytes > totalAnnotationSizeLimitBytes) errors.push(tooLong(path, '', totalAnnotationSizeLimitBytes));
  return errors;
}

function validateOwnerReferences(references: OwnerReference[] | undefined, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  let controller: string | undefined;
  for (const reference of references ?? []) {
    errors.push(...validateOwnerReference(reference, path));
    if (!reference.controller) continue;
    const name = `${reference.kind}/${reference.name}`;
    if (controller !== undefined) {
      const found = `Found "true" in references for ${controller} and ${name}`;
      errors.push(invalid(path, references, `Only one reference can have Controller set to true. ${found}`));
    }
    controller ??= name;
  }
  return errors;
}

function validateOwnerReference(reference: OwnerReference, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const version = (reference.apiVersion ?? '').split('/').at(-1);
  if (!version) errors.push(invalid(path.child('apiVersion'), reference.apiVersion ?? '', 'version must not be empty'));
  for (const field of ['kind', 'name', 'uid'] as const) {
    if (!reference[field]) errors.push(invalid(path.child(field), '', 'must not be empty'));
  }
  if (reference.apiVersion === 'v1' && reference.kind === 'Event') {
    errors.push(invalid(path, reference, '/v1, Kind=Event is disallowed from being an owner'));
  }
  return errors;
}

function validateFinalizers(finalizers: string[], path: FieldPath): FieldError[] {
  const errors = finalizers.flatMap((name) => each(isQualifiedName(name), path, name));
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return errors;
}

/** Core's rule for built-in kinds, which updates check too. */
export const validateQualifiedFinalizers = (
  { finalizers = [] }: ObjectMeta,
  path: FieldPath = FieldPath.of('metadata', 'finalizers'),
): FieldError[] =>
  finalizers.flatMap((name, index) =>
    name.includes('/') || standardFinalizers.includes(name)
      ? []
      : [invalid(path.index(index), name, 'name is neither a standard finalizer name nor is it fully qualified')],
  );

function validateManagedFields(entries: NonNullable<ObjectMeta['managedFields']>, path: FieldPath): FieldError[] {
  return entries.flatMap((entry, index) => {
    const errors: FieldError[] = [];
    const at = path.index(index);
    if (entry.operation !== 'Apply' && entry.operation !== 'Update') {
      errors.push(invalid(at.child('operation'), entry.operation ?? '', 'must be `Apply` or `Update`'));
    }
    if (entry.fieldsType && entry.fieldsType !== 'FieldsV1') {
      errors.push(invalid(at.child('fieldsType'), entry.fieldsType, 'must be `FieldsV1`'));
    }
    if (Buffer.byteLength(entry.manager ?? '') > 128) errors.push(tooLong(at.child('manager'), entry.manager, 128));
    if (Buffer.byteLength(entry.subresource ?? '') > 256) {
      errors.push(tooLong(at.child('subresource'), entry.subresource, 256));
    }
    return errors;
  });
}

/** Checks a LabelSelector of a spec. */
export function validateLabelSelector(selector: LabelSelector | undefined, path: FieldPath): FieldError[] {
  if (!selector) return [];
  const errors = validateLabels(selector.matchLabels, path.child('matchLabels'));
  selector.matchExpressions?.forEach(({ key = '', operator = '', values = [] }, index) => {
    const at = path.child('matchExpressions').index(index);
    if (operator === 'In' || operator === 'NotIn') {
      const detail = "must be specified when `operator` is 'In' or 'NotIn'";
      if (!values.length) errors.push(required(at.child('values'), detail));
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
      if (values.length) errors.push(forbidden(at.child('values'), detail));
    } else {
      errors.push(invalid(at.child('operator'), operator, 'not a valid selector operator'));
    }
    errors.push(...validateLabelName(key, at.child('key')));
    values.forEach((value, i) => errors.push(...each(isValidLabelValue(value), at.child('values').index(i), value)));
  });
  return errors;
}

const propagationPolicies = ['Background', 'Foreground', 'Orphan'];

/** Checks the options of a delete request (`meta/v1/validation.ValidateDeleteOptions`). */
export function validateDeleteOptions(options: {
  orphanDependents?: boolean;
  propagationPolicy?: string;
  dryRun?: string[];
}): FieldError[] {
  const { orphanDependents, propagationPolicy: policy, dryRun = [] } = options;
  const errors: FieldError[] = [];
  if (orphanDependents !== undefined && policy !== undefined) {
    errors.push(invalid('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'));
  }
  if (policy !== undefined && !propagationPolicies.includes(policy)) {
    errors.push(notSupported('propagationPolicy', policy, [...propagationPolicies, 'nil']));
  }
  return [...errors, ...validateDryRun(dryRun)];
}

/** `dryRun` may only hold `All`. */
export const validateDryRun = (dryRun: readonly string[]): FieldError[] =>
  dryRun.every((value) => value === 'All') ? [] : [notSupported('dryRun', dryRun, ['All'])];
