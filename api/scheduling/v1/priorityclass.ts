/** PriorityClass. */
import type { V1PriorityClass } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface PriorityClass extends Wire<V1PriorityClass> {}

export const priorityClasses = defineResource<PriorityClass>({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  names: { plural: 'priorityclasses', singular: 'priorityclass', shortNames: ['pc'] },
  scope: 'Cluster',
});
