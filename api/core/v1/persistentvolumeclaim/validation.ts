/** What a claim may ask for. Upstream: ValidatePersistentVolumeClaimSpec in `pkg/apis/core/validation/validation.go`. */
import { at, invalidEach } from '../../../meta/field-checks';
import { type FieldError, type FieldPath, invalid, notSupported, required } from '../../../meta/field-error';
import { isDns1123Label, isDns1123Subdomain, isQualifiedName } from '../../../meta/names';
import { validateLabelSelector } from '../../../meta/object-meta';
import {
  validateAccessModes,
  validateCapacity,
  validateClassName,
  validatePositiveQuantity,
  validateVolumeMode,
} from '../storage-facts';
import { isExtendedResource } from '../pod/validation/resources';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from './types';

interface DataSource {
  apiGroup?: string;
  kind?: string;
  name?: string;
  namespace?: string;
}

function validateDataSource(source: DataSource, path: FieldPath, anyGroup: boolean): FieldError[] {
  const { apiGroup, kind = '', name, namespace } = source;
  const errors: FieldError[] = [];
  if (!name) errors.push(required(path.child('name')));
  if (!kind) errors.push(required(path.child('kind')));
  if (!apiGroup && kind !== 'PersistentVolumeClaim') {
    errors.push(invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
  }
  if (apiGroup && !anyGroup)
    errors.push(...invalidEach(path.child('apiGroup'), apiGroup, isDns1123Subdomain(apiGroup)));
  if (namespace) errors.push(...invalidEach(path.child('namespace'), namespace, isDns1123Label(namespace)));
  return errors;
}

function validateDataSources(spec: PersistentVolumeClaimSpec, path: FieldPath, anyGroup: boolean): FieldError[] {
  const { dataSource, dataSourceRef } = spec;
  const errors = [
    ...(dataSource ? validateDataSource({ ...dataSource }, path.child('dataSource'), anyGroup) : []),
    ...(dataSourceRef ? validateDataSource({ ...dataSourceRef }, path.child('dataSourceRef'), anyGroup) : []),
  ];
  if (!dataSource || !dataSourceRef) return errors;
  const sourcePath = String(path.child('dataSource'));
  if (dataSourceRef.namespace) {
    errors.push(invalid(path, sourcePath, 'may not be specified when dataSourceRef.namespace is specified'));
  } else if ((['apiGroup', 'kind', 'name'] as const).some((field) => dataSource[field] !== dataSourceRef[field])) {
    errors.push(invalid(path, sourcePath, 'must match dataSourceRef'));
  }
  return errors;
}

/** `options.anyGroup`: the old object already had a data source with a group, which was not checked once. */
export function validateClaimSpec(
  spec: PersistentVolumeClaimSpec | undefined,
  path: FieldPath,
  options: { anyGroup?: boolean } = {},
): FieldError[] {
  const own = spec ?? {};
  const storage = own.resources?.requests?.['storage'];
  const storagePath = path.child('resources').key('storage');
  return [
    ...(own.accessModes?.length ? [] : [required(path.child('accessModes'), 'at least 1 access mode is required')]),
    ...validateLabelSelector(own.selector, path.child('selector')),
    ...validateAccessModes(own.accessModes, path.child('accessModes')),
    ...(storage === undefined ? [required(storagePath)] : validatePositiveQuantity(storage, storagePath)),
    ...validateClassName(own.storageClassName, path.child('storageClassName')),
    ...validateVolumeMode(own.volumeMode, path.child('volumeMode')),
    ...validateDataSources(own, path, options.anyGroup ?? false),
    ...validateClassName(own.volumeAttributesClassName, path.child('volumeAttributesClassName')),
  ];
}

export const validateClaim = ({ spec }: PersistentVolumeClaim): FieldError[] => validateClaimSpec(spec, at('spec'));

const resizeStatuses = [
  ...['ControllerResizeInProgress', 'ControllerResizeInfeasible', 'NodeResizePending', 'NodeResizeInProgress'],
  'NodeResizeInfeasible',
];

function validateResourceKey(name: string, path: FieldPath): FieldError[] {
  const errors = invalidEach(path, name, isQualifiedName(name));
  if (errors.length || name === 'storage' || isExtendedResource(name)) return errors;
  return [notSupported(path, name, ['storage'])];
}

export function validateClaimStatusUpdate({ spec, status = {} }: PersistentVolumeClaim): FieldError[] {
  const errors = spec?.accessModes?.length ? [] : [required(at('Spec', 'accessModes'))];
  for (const [name, quantity] of Object.entries(status.capacity ?? {})) {
    errors.push(...validateCapacity(quantity, at('status', 'capacity').key(name)));
  }
  const statusesPath = at('status', 'allocatedResourceStatus');
  for (const [name, value] of Object.entries(status.allocatedResourceStatuses ?? {})) {
    errors.push(...validateResourceKey(name, statusesPath));
    if (!resizeStatuses.includes(value)) errors.push(notSupported(statusesPath, name, resizeStatuses));
  }
  const allocatedPath = at('status', 'allocatedResources');
  for (const [name, quantity] of Object.entries(status.allocatedResources ?? {})) {
    const key = validateResourceKey(name, allocatedPath);
    errors.push(...(key.length ? key : validateCapacity(quantity, allocatedPath.key(name))));
  }
  return errors;
}
