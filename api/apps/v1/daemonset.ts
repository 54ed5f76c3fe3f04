/** DaemonSet: one pod on every node that it selects. */
import type {
  V1DaemonSet,
  V1DaemonSetCondition,
  V1DaemonSetSpec,
  V1DaemonSetStatus,
  V1DaemonSetUpdateStrategy,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { selectorColumn, templateColumns } from '../../core/v1/pod/template-columns';
import { validatePodTemplateSpec } from '../../core/v1/pod/validation/pod-spec';
import { nonNegativeCounts, validateCollisionCount } from '../../core/v1/replica-counts';
import { ageColumn, formatLabels, integerColumn, nameColumn, textColumn, wide } from '../../meta/columns';
import { at, nonNegative, unchanged } from '../../meta/field-checks';
import { type FieldError, invalid, notSupported, required } from '../../meta/field-error';
import { deepEqual } from '../../meta/json';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';
import { isZeroCount, notMoreThanHundredPercent, validateIntOrPercent } from './int-or-percent';
import {
  setPodTemplateDefaults,
  validateAlwaysRestarts,
  validateSelectsTemplate,
  validateWorkloadSelector,
  workloadWarnings,
} from './template-validation';

export interface DaemonSet extends Wire<V1DaemonSet> {}
export interface DaemonSetSpec extends Wire<V1DaemonSetSpec> {}
export interface DaemonSetStatus extends Wire<V1DaemonSetStatus> {}
export interface DaemonSetCondition extends Wire<V1DaemonSetCondition> {}
export interface DaemonSetUpdateStrategy extends Wire<V1DaemonSetUpdateStrategy> {}

const spec = at('spec');

/** Counts changes of the template; apps/v1 keeps it where older clients look for it. */
export const templateGenerationAnnotation = 'deprecated.daemonset.template.generation';

function setTemplateGeneration(set: DaemonSet, generation: number): void {
  const metadata = (set.metadata ??= {});
  metadata.annotations = { ...metadata.annotations, [templateGenerationAnnotation]: String(generation) };
}

const templateGenerationOf = ({ metadata }: DaemonSet): number =>
  Number.parseInt(metadata?.annotations?.[templateGenerationAnnotation] ?? '0', 10) || 0;

function defaults({ spec: own }: DaemonSet): void {
  if (!own) return;
  setPodTemplateDefaults(own.template);
  const strategy = (own.updateStrategy ??= {});
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= 1;
    rolling.maxSurge ??= 0;
  }
  own.revisionHistoryLimit ??= 10;
}

function validateStrategy(strategy: DaemonSetUpdateStrategy): FieldError[] {
  const path = spec.child('updateStrategy');
  if (strategy.type === 'OnDelete') return [];
  if (strategy.type !== 'RollingUpdate') return [notSupported(path, strategy, ['RollingUpdate', 'OnDelete'])];
  const { rollingUpdate } = strategy;
  const rolling = path.child('rollingUpdate');
  if (!rollingUpdate) return [required(rolling)];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  const errors = [
    ...validateIntOrPercent(rolling.child('maxUnavailable'), maxUnavailable),
    ...validateIntOrPercent(rolling.child('maxSurge'), maxSurge),
    ...notMoreThanHundredPercent(rolling.child('maxUnavailable'), maxUnavailable),
    ...notMoreThanHundredPercent(rolling.child('maxSurge'), maxSurge),
  ];
  if (!isZeroCount(maxUnavailable) && !isZeroCount(maxSurge)) {
    errors.push(invalid(rolling.child('maxSurge'), maxSurge, 'may not be set when maxUnavailable is non-zero'));
  }
  if (isZeroCount(maxUnavailable) && isZeroCount(maxSurge)) {
    errors.push(required(rolling.child('maxUnavailable'), 'cannot be 0 when maxSurge is 0'));
  }
  return errors;
}

function validate({ spec: own }: DaemonSet): FieldError[] {
  return [
    ...validateWorkloadSelector(own?.selector, 'daemonset'),
    ...validateSelectsTemplate(own?.selector, own?.template),
    ...validatePodTemplateSpec(own?.template, spec.child('template')),
    ...validateAlwaysRestarts(own?.template, 'DaemonSet'),
    ...nonNegative(spec.child('minReadySeconds'), own?.minReadySeconds),
    ...validateStrategy(own?.updateStrategy ?? {}),
    ...nonNegative(spec.child('revisionHistoryLimit'), own?.revisionHistoryLimit),
  ];
}

const validateStatusUpdate = ({ status }: DaemonSet, old: DaemonSet): FieldError[] => [
  ...nonNegativeCounts(status, [
    ...['currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady'],
    ...['observedGeneration', 'updatedNumberScheduled', 'numberAvailable', 'numberUnavailable', 'collisionCount'],
  ]),
  ...validateCollisionCount(status, old.status),
];

export const daemonSets = defineResource<DaemonSet>({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  names: { plural: 'daemonsets', singular: 'daemonset', shortNames: ['ds'], categories: ['all'] },
  scope: 'Namespaced',
  defaults,
  prepareForCreate(set) {
    setTemplateGeneration(set, Math.max(1, templateGenerationOf(set)));
    set.status = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 };
  },
  prepareForUpdate(set, old) {
    const changed = !deepEqual(set.spec?.template, old.spec?.template);
    setTemplateGeneration(set, templateGenerationOf(old) + (changed ? 1 : 0));
  },
  validate,
  validateUpdate: (set, old) => [
    ...validate(set),
    ...unchanged(spec.child('selector'), set.spec?.selector, old.spec?.selector),
  ],
  warnings: workloadWarnings,
  columns: [
    nameColumn,
    integerColumn(
      'Desired',
      'The total number of nodes that should be running the daemon pod (including nodes correctly running the daemon pod). More info: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/',
      ({ status }) => status?.desiredNumberScheduled,
    ),
    integerColumn(
      'Current',
      'The number of nodes that are running at least 1 daemon pod and are supposed to run the daemon pod. More info: https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/',
      ({ status }) => status?.currentNumberScheduled,
    ),
    integerColumn(
      'Ready',
      'numberReady is the number of nodes that should be running the daemon pod and have one or more of the daemon pod running with a Ready Condition.',
      ({ status }) => status?.numberReady,
    ),
    integerColumn(
      'Up-to-date',
      'The total number of nodes that are running updated daemon pod',
      ({ status }) => status?.updatedNumberScheduled,
    ),
    integerColumn(
      'Available',
      'The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and available (ready for at least spec.minReadySeconds)',
      ({ status }) => status?.numberAvailable,
    ),
    textColumn(
      'Node Selector',
      "NodeSelector is a selector which must be true for the pod to fit on a node. Selector which must match a node's labels for the pod to be scheduled on that node. More info: https://kubernetes.io/docs/concepts/configuration/assign-pod-node/",
      ({ spec: own }) => formatLabels(own?.template.spec?.nodeSelector),
    ),
    ageColumn,
    ...templateColumns<DaemonSet>(({ spec: own }) => own?.template).map(wide),
    selectorColumn<DaemonSet>(({ spec: own }) => own?.selector),
  ],
  subresources: { status: { validateUpdate: validateStatusUpdate } },
});
