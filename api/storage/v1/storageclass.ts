/** StorageClass: how volumes are made for the claims that name it. */
import type { V1StorageClass } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { ageColumn, nameColumn, textColumn } from '../../meta/columns';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';
import { validateStorageClass, validateStorageClassUpdate } from './storageclass-validation';

export interface StorageClass extends Wire<V1StorageClass> {}

/** Marks the class of claims that name none; the second one is its old name. */
const defaultClassAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

export const isDefaultStorageClass = ({ metadata }: StorageClass): boolean =>
  defaultClassAnnotations.some((annotation) => metadata?.annotations?.[annotation] === 'true');

export const storageClasses = defineResource<StorageClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  names: { plural: 'storageclasses', singular: 'storageclass', shortNames: ['sc'] },
  scope: 'Cluster',
  defaults(storageClass) {
    storageClass.reclaimPolicy ??= 'Delete';
    storageClass.volumeBindingMode ??= 'Immediate';
  },
  validate: validateStorageClass,
  validateUpdate: validateStorageClassUpdate,
  columns: [
    {
      ...nameColumn,
      value: (storageClass) =>
        `${storageClass.metadata?.name ?? ''}${isDefaultStorageClass(storageClass) ? ' (default)' : ''}`,
    },
    textColumn(
      'Provisioner',
      'provisioner indicates the type of the provisioner.',
      ({ provisioner }) => provisioner ?? '',
    ),
    textColumn(
      'ReclaimPolicy',
      'reclaimPolicy controls the reclaimPolicy for dynamically provisioned PersistentVolumes of this storage class. Defaults to Delete.',
      ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete',
    ),
    textColumn(
      'VolumeBindingMode',
      'volumeBindingMode indicates how PersistentVolumeClaims should be provisioned and bound.  When unset, VolumeBindingImmediate is used. This field is only honored by servers that enable the VolumeScheduling feature.',
      ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate',
    ),
    {
      name: 'AllowVolumeExpansion',
      type: 'string',
      description: 'allowVolumeExpansion shows whether the storage class allow volume expand.',
      value: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false,
    },
    ageColumn,
  ],
});
