/** ReplicationController: what ReplicaSet grew out of; its selector is a map of labels. */
import type {
  V1ReplicationController,
  V1ReplicationControllerSpec,
  V1ReplicationControllerStatus,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { ageColumn, formatLabels, integerColumn, nameColumn, textColumn, wide } from '../../meta/columns';
import { at, nonNegative } from '../../meta/field-checks';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../meta/field-error';
import { deepEqual } from '../../meta/json';
import { defineResource } from '../../meta/resource-definition';
import { selectorFromMap } from '../../meta/selectors';
import type { Wire } from '../../meta/types';
import { setPodTemplateDefaults } from './pod/defaults';
import { workloadNameWarnings } from './pod/name-warnings';
import { templateColumns } from './pod/template-columns';
import { validatePodTemplateSpec } from './pod/validation/pod-spec';
import { podTemplateWarnings } from './pod/warnings';
import { validateReplicaCounts } from './replica-counts';

export interface ReplicationController extends Wire<V1ReplicationController> {}
export interface ReplicationControllerSpec extends Wire<V1ReplicationControllerSpec> {}
export interface ReplicationControllerStatus extends Wire<V1ReplicationControllerStatus> {}

const spec = at('spec');

/** A controller without labels or selector has those of its pods. */
function defaults(controller: ReplicationController): void {
  const { spec: own, metadata } = controller;
  if (!own) return;
  setPodTemplateDefaults(own.template);
  const labels = own.template?.metadata?.labels;
  if (labels) {
    if (Object.keys(own.selector ?? {}).length === 0) own.selector = { ...labels };
    if (metadata && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
  }
  own.replicas ??= 1;
}

function validateTemplate({ selector, template }: ReplicationControllerSpec): FieldError[] {
  const path = spec.child('template');
  if (!template) return [required(path)];
  const labels = template.metadata?.labels;
  const errors: FieldError[] = [];
  if (!selectorFromMap(selector).matches(labels)) {
    const detail = '`selector` does not match template `labels`';
    errors.push(invalid(path.child('metadata', 'labels'), labels ?? {}, detail));
  }
  errors.push(...validatePodTemplateSpec(template, path));
  const { restartPolicy, activeDeadlineSeconds } = template.spec ?? {};
  if (restartPolicy !== 'Always') {
    errors.push(notSupported(path.child('spec', 'restartPolicy'), restartPolicy ?? '', ['Always']));
  }
  if (activeDeadlineSeconds !== undefined) {
    const detail = 'activeDeadlineSeconds in ReplicationController is not Supported';
    errors.push(forbidden(path.child('spec', 'activeDeadlineSeconds'), detail));
  }
  return errors;
}

function validate({ spec: own = {} }: ReplicationController): FieldError[] {
  return [
    ...nonNegative(spec.child('minReadySeconds'), own.minReadySeconds),
    ...(Object.keys(own.selector ?? {}).length ? [] : [required(spec.child('selector'))]),
    ...nonNegative(spec.child('replicas'), own.replicas),
    ...validateTemplate(own),
  ];
}

const validateStatusUpdate = ({ status }: ReplicationController): FieldError[] =>
  validateReplicaCounts(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'], ['observedGeneration']);

function warnings(controller: ReplicationController, old?: ReplicationController): string[] {
  if (old && deepEqual(controller.spec, old.spec)) return [];
  return [
    ...(old ? [] : workloadNameWarnings(controller)),
    ...podTemplateWarnings(controller.spec?.template, old?.spec?.template, spec.child('template')),
  ];
}

export const replicationControllers = defineResource<ReplicationController>({
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  names: {
    plural: 'replicationcontrollers',
    singular: 'replicationcontroller',
    shortNames: ['rc'],
    categories: ['all'],
  },
  scope: 'Namespaced',
  defaults,
  prepareForCreate(controller) {
    controller.status = { replicas: 0 };
  },
  validate,
  validateUpdate: validate,
  warnings,
  // For compatibility with v1 clients that know no propagation policies.
  defaultPropagation: 'Orphan',
  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
  columns: [
    nameColumn,
    integerColumn(
      'Desired',
      'Replicas is the number of desired replicas. This is a pointer to distinguish between explicit zero and unspecified. Defaults to 1. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller#what-is-a-replicationcontroller',
      (controller) => controller.spec?.replicas,
    ),
    integerColumn(
      'Current',
      'Replicas is the most recently observed number of replicas. More info: https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller#what-is-a-replicationcontroller',
      ({ status }) => status?.replicas,
    ),
    integerColumn(
      'Ready',
      'The number of ready replicas for this replication controller.',
      ({ status }) => status?.readyReplicas,
    ),
    ageColumn,
    ...templateColumns<ReplicationController>((controller) => controller.spec?.template).map(wide),
    wide(
      textColumn(
        'Selector',
        'Selector is a label query over pods that should match the Replicas count. If Selector is empty, it is defaulted to the labels present on the Pod template. Label keys and values that must match in order to be controlled by this replication controller, if empty defaulted to labels on Pod template. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors',
        (controller) => formatLabels(controller.spec?.selector),
      ),
    ),
  ],
  subresources: {
    status: { validateUpdate: validateStatusUpdate },
    scale: {
      specReplicas: 'spec.replicas',
      statusReplicas: 'status.replicas',
      selector: 'spec.selector',
      selectorIsMap: true,
    },
  },
});
