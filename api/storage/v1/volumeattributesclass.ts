/** VolumeAttributesClass: attributes of volumes that can be changed later, as a driver understands them. */
import type { V1VolumeAttributesClass } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { ageColumn, nameColumn, textColumn } from '../../meta/columns';
import { at } from '../../meta/field-checks';
import { type FieldError, required } from '../../meta/field-error';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';
import { forbidChanges, validateParameters, validateProvisioner } from './parameters';

export interface VolumeAttributesClass extends Wire<V1VolumeAttributesClass> {}

function validate({ driverName, parameters = {} }: VolumeAttributesClass): FieldError[] {
  const errors = [
    ...validateProvisioner(driverName, at('driverName')),
    ...validateParameters(parameters, at('parameters')),
  ];
  if (Object.keys(parameters).length) return errors;
  return [...errors, required(at('parameters'), 'must contain at least one key/value pair')];
}

export const volumeAttributesClasses = defineResource<VolumeAttributesClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  names: { plural: 'volumeattributesclasses', singular: 'volumeattributesclass', shortNames: ['vac'] },
  scope: 'Cluster',
  validate,
  validateUpdate: (volumeClass, old) => [
    ...forbidChanges(volumeClass, old, ['driverName', 'parameters']),
    ...validate(volumeClass),
  ],
  columns: [
    nameColumn,
    textColumn('DriverName', 'Name of the CSI driver This field is immutable.', ({ driverName }) => driverName ?? ''),
    ageColumn,
  ],
});
