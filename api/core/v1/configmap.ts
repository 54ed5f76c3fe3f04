/** ConfigMap. */
import type { V1ConfigMap } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { ageColumn, nameColumn } from '../../meta/columns';
import { at, invalidEach } from '../../meta/field-checks';
import { type FieldError, FieldPath, invalid, tooLong } from '../../meta/field-error';
import { isConfigMapKey } from '../../meta/names';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';
import { base64Length, maxDataBytes, validateImmutable } from './stored-data';

export interface ConfigMap extends Wire<V1ConfigMap> {}

function validate({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(data)) {
    const path = at('data').key(key);
    errors.push(...invalidEach(path, key, isConfigMapKey(key)));
    if (Object.hasOwn(binaryData, key)) errors.push(invalid(path, key, 'duplicate of key present in binaryData'));
    size += Buffer.byteLength(value);
  }
  for (const [key, value] of Object.entries(binaryData)) {
    errors.push(...invalidEach(at('binaryData').key(key), key, isConfigMapKey(key)));
    size += base64Length(value);
  }
  if (size > maxDataBytes) errors.push(tooLong(FieldPath.of().key(''), '', maxDataBytes));
  return errors;
}

export const configMaps = defineResource<ConfigMap>({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  names: { plural: 'configmaps', singular: 'configmap', shortNames: ['cm'] },
  scope: 'Namespaced',
  validate,
  validateUpdate: (map, old) => [...validateImmutable(map, old, ['data', 'binaryData']), ...validate(map)],
  columns: [
    nameColumn,
    {
      name: 'Data',
      type: 'string',
      description: 'Data contains the configuration data.',
      value: ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
    },
    ageColumn,
  ],
});
