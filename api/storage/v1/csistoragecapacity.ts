/** CSIStorageCapacity: how much room a driver has for volumes of a class, in one part of the cluster. */
import type { V1CSIStorageCapacity } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { nameColumn, textColumn } from '../../meta/columns';
import { at, invalidEach, unchanged } from '../../meta/field-checks';
import { type FieldError, invalid } from '../../meta/field-error';
import { isDns1123Subdomain } from '../../meta/names';
import { validateLabelSelector } from '../../meta/object-meta';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface CsiStorageCapacity extends Wire<V1CSIStorageCapacity> {}

function validate({ nodeTopology, storageClassName = '', capacity }: CsiStorageCapacity): FieldError[] {
  const errors = [
    ...validateLabelSelector(nodeTopology, at('nodeTopology')),
    ...invalidEach(at('storageClassName'), storageClassName, isDns1123Subdomain(storageClassName)),
  ];
  if (!capacity?.startsWith('-')) return errors;
  return [...errors, invalid(at('capacity'), capacity, 'must be greater than or equal to 0')];
}

export const csiStorageCapacities = defineResource<CsiStorageCapacity>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIStorageCapacity',
  names: { plural: 'csistoragecapacities', singular: 'csistoragecapacity' },
  scope: 'Namespaced',
  validate,
  // What was asked of the driver stays; what it answered may change.
  validateUpdate: (now, old) => [
    ...unchanged(at('nodeTopology'), now.nodeTopology, old.nodeTopology),
    ...unchanged(at('storageClassName'), now.storageClassName, old.storageClassName),
  ],
  allowUnconditionalUpdate: false,
  columns: [
    nameColumn,
    textColumn(
      'StorageClassName',
      'storageClassName represents the name of the StorageClass that the reported capacity applies to. It must meet the same requirements as the name of a StorageClass object (non-empty, DNS subdomain). If that object no longer exists, the CSIStorageCapacity object is obsolete and should be removed by its creator. This field is immutable.',
      ({ storageClassName }) => storageClassName ?? '',
    ),
    textColumn(
      'Capacity',
      'capacity is the value reported by the CSI driver in its GetCapacityResponse for a GetCapacityRequest with topology and parameters that match the previous fields.',
      ({ capacity }) => capacity ?? '',
    ),
  ],
});
