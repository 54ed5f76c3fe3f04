/** ReplicaSet: keeps a number of equal pods running. */
import type {
  V1ReplicaSet,
  V1ReplicaSetCondition,
  V1ReplicaSetSpec,
  V1ReplicaSetStatus,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { workloadNameWarnings } from '../../core/v1/pod/name-warnings';
import { validateReplicaCounts } from '../../core/v1/replica-counts';
import { ageColumn, integerColumn, nameColumn } from '../../meta/columns';
import { at, nonNegative, unchanged } from '../../meta/field-checks';
import type { FieldError } from '../../meta/field-error';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';
import {
  setPodTemplateDefaults,
  validateSelectorAndTemplate,
  workloadWarnings,
  workloadWideColumns,
} from './template-validation';

export interface ReplicaSet extends Wire<V1ReplicaSet> {}
export interface ReplicaSetSpec extends Wire<V1ReplicaSetSpec> {}
export interface ReplicaSetStatus extends Wire<V1ReplicaSetStatus> {}
export interface ReplicaSetCondition extends Wire<V1ReplicaSetCondition> {}

const spec = at('spec');

function validate({ spec: own }: ReplicaSet): FieldError[] {
  return [
    ...nonNegative(spec.child('replicas'), own?.replicas),
    ...nonNegative(spec.child('minReadySeconds'), own?.minReadySeconds),
    ...validateSelectorAndTemplate(own?.selector, own?.template),
  ];
}

const validateStatusUpdate = ({ status }: ReplicaSet): FieldError[] =>
  validateReplicaCounts(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'], ['observedGeneration']);

export const replicaSets = defineResource<ReplicaSet>({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  names: { plural: 'replicasets', singular: 'replicaset', shortNames: ['rs'], categories: ['all'] },
  scope: 'Namespaced',
  defaults({ spec: own }) {
    if (!own) return;
    own.replicas ??= 1;
    setPodTemplateDefaults(own.template);
  },
  prepareForCreate(set) {
    set.status = { replicas: 0 };
  },
  validate,
  validateUpdate: (set, old) => [
    ...validate(set),
    ...unchanged(spec.child('selector'), set.spec?.selector, old.spec?.selector),
  ],
  warnings: (set, old) => [...(old ? [] : workloadNameWarnings(set)), ...workloadWarnings(set, old)],
  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
  columns: [
    nameColumn,
    integerColumn('Desired', 'Replicas is the number of desired pods.', (set) => set.spec?.replicas),
    integerColumn(
      'Current',
      'Replicas is the most recently observed number of non-terminating pods.',
      (set) => set.status?.replicas,
    ),
    integerColumn(
      'Ready',
      'The number of non-terminating pods with a Ready Condition.',
      (set) => set.status?.readyReplicas,
    ),
    ageColumn,
    ...workloadWideColumns,
  ],
  subresources: {
    status: { validateUpdate: validateStatusUpdate },
    scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  },
});
