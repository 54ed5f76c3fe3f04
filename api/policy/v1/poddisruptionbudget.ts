/** PodDisruptionBudget: how many pods of a set an eviction may take away. */
import type {
  V1PodDisruptionBudget,
  V1PodDisruptionBudgetSpec,
  V1PodDisruptionBudgetStatus,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { ageColumn, nameColumn, textColumn } from '../../meta/columns';
import { at, nonNegative, optionalOneOf } from '../../meta/field-checks';
import { type FieldError, invalid } from '../../meta/field-error';
import { percentOf } from '../../meta/int-or-string';
import { isValidPercent } from '../../meta/names';
import { validateLabelSelector } from '../../meta/object-meta';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface PodDisruptionBudget extends Wire<V1PodDisruptionBudget> {}
export interface PodDisruptionBudgetSpec extends Wire<V1PodDisruptionBudgetSpec> {}
export interface PodDisruptionBudgetStatus extends Wire<V1PodDisruptionBudgetStatus> {}

function validate({ spec = {} }: PodDisruptionBudget): FieldError[] {
  const path = at('spec');
  const errors: FieldError[] = [];
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
    errors.push(invalid(path, spec, 'minAvailable and maxUnavailable cannot be both set'));
  }
  for (const field of ['minAvailable', 'maxUnavailable'] as const) {
    const value = spec[field];
    const valuePath = path.child(field);
    if (typeof value !== 'string') {
      errors.push(...nonNegative(valuePath, value));
      continue;
    }
    errors.push(...isValidPercent(value).map((message) => invalid(valuePath, value, message)));
    if ((percentOf(value) ?? 0) > 100) errors.push(invalid(valuePath, value, 'must not be greater than 100%'));
  }
  const policies = ['AlwaysAllow', 'IfHealthyBudget'];
  return [
    ...errors,
    ...validateLabelSelector(spec.selector, path.child('selector')),
    ...optionalOneOf(path.child('unhealthyPodEvictionPolicy'), spec.unhealthyPodEvictionPolicy, policies),
  ];
}

function validateStatusUpdate({ status }: PodDisruptionBudget): FieldError[] {
  const fields = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const;
  return fields.flatMap((field) => nonNegative(at('status').child(field), status?.[field]));
}

export const podDisruptionBudgets = defineResource<PodDisruptionBudget>({
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  names: { plural: 'poddisruptionbudgets', singular: 'poddisruptionbudget', shortNames: ['pdb'] },
  scope: 'Namespaced',
  prepareForCreate(budget) {
    budget.status = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 };
  },
  validate,
  validateUpdate: validate,
  allowUnconditionalUpdate: false,
  columns: [
    nameColumn,
    textColumn('Min Available', 'The minimum number of pods that must be available.', ({ spec }) =>
      String(spec?.minAvailable ?? 'N/A'),
    ),
    textColumn('Max Unavailable', 'The maximum number of pods that may be unavailable.', ({ spec }) =>
      String(spec?.maxUnavailable ?? 'N/A'),
    ),
    {
      name: 'Allowed Disruptions',
      type: 'integer',
      description: 'Calculated number of pods that may be disrupted at this time.',
      value: ({ status }) => status?.disruptionsAllowed ?? 0,
    },
    ageColumn,
  ],
  subresources: { status: { validateUpdate: validateStatusUpdate } },
});
