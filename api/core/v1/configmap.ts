/** ConfigMap. */
import type { V1ConfigMap } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface ConfigMap extends Wire<V1ConfigMap> {}

export const configMaps = defineResource<ConfigMap>({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  names: { plural: 'configmaps', singular: 'configmap', shortNames: ['cm'] },
  scope: 'Namespaced',
});
