/** Binding: puts a pod on a node. Only created, never stored; `pods/binding` is the newer way. */
import type { V1Binding } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface Binding extends Wire<V1Binding> {}

export const bindings = defineResource<Binding>({
  group: '',
  version: 'v1',
  kind: 'Binding',
  names: { plural: 'bindings', singular: 'binding' },
  scope: 'Namespaced',
  verbs: ['create'],
});
