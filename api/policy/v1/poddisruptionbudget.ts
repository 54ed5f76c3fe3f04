/** PodDisruptionBudget. */
import type {
  V1PodDisruptionBudget,
  V1PodDisruptionBudgetSpec,
  V1PodDisruptionBudgetStatus,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface PodDisruptionBudget extends Wire<V1PodDisruptionBudget> {}
export interface PodDisruptionBudgetSpec extends Wire<V1PodDisruptionBudgetSpec> {}
export interface PodDisruptionBudgetStatus extends Wire<V1PodDisruptionBudgetStatus> {}

export const podDisruptionBudgets = defineResource<PodDisruptionBudget>({
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  names: { plural: 'poddisruptionbudgets', singular: 'poddisruptionbudget', shortNames: ['pdb'] },
  scope: 'Namespaced',
  subresources: { status: {} },
});
