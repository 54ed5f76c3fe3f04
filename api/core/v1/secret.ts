/** Secret. */
import type { V1Secret } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface Secret extends Wire<V1Secret> {}

export const secrets = defineResource<Secret>({
  group: '',
  version: 'v1',
  kind: 'Secret',
  names: { plural: 'secrets', singular: 'secret' },
  scope: 'Namespaced',
});
