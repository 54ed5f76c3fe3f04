/** Deployment: rolls out pod templates through ReplicaSets. */
import type {
  V1Deployment,
  V1DeploymentCondition,
  V1DeploymentSpec,
  V1DeploymentStatus,
  V1DeploymentStrategy,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { workloadNameWarnings } from '../../core/v1/pod/name-warnings';
import { validateCollisionCount, validateReplicaCounts } from '../../core/v1/replica-counts';
import { ageColumn, nameColumn, textColumn } from '../../meta/columns';
import { at, nonNegative, unchanged } from '../../meta/field-checks';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../meta/field-error';
import { deepEqual } from '../../meta/json';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';
import { isZeroCount, notMoreThanHundredPercent, validateIntOrPercent } from './int-or-percent';
import {
  setPodTemplateDefaults,
  validateSelectorAndTemplate,
  workloadWarnings,
  workloadWideColumns,
} from './template-validation';

export interface Deployment extends Wire<V1Deployment> {}
export interface DeploymentSpec extends Wire<V1DeploymentSpec> {}
export interface DeploymentStatus extends Wire<V1DeploymentStatus> {}
export interface DeploymentCondition extends Wire<V1DeploymentCondition> {}
export interface DeploymentStrategy extends Wire<V1DeploymentStrategy> {}

const spec = at('spec');
const emptySpec: DeploymentSpec = { selector: {}, template: {} };

function defaults(deployment: Deployment): void {
  const { spec: own } = deployment;
  if (!own) return;
  own.replicas ??= 1;
  const strategy = (own.strategy ??= {});
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {});
    rolling.maxUnavailable ??= '25%';
    rolling.maxSurge ??= '25%';
  }
  own.revisionHistoryLimit ??= 10;
  own.progressDeadlineSeconds ??= 600;
  setPodTemplateDefaults(own.template);
}

function validateStrategy({ strategy }: DeploymentSpec): FieldError[] {
  const path = spec.child('strategy');
  const type = strategy?.type ?? '';
  const rollingPath = path.child('rollingUpdate');
  if (type === 'Recreate') {
    if (!strategy?.rollingUpdate) return [];
    return [forbidden(rollingPath, "may not be specified when strategy `type` is 'Recreate'")];
  }
  if (type !== 'RollingUpdate') return [notSupported(path.child('type'), type, ['Recreate', 'RollingUpdate'])];
  const rolling = strategy?.rollingUpdate;
  if (!rolling) return [required(rollingPath, 'this should be defaulted and never be nil')];
  const { maxUnavailable, maxSurge } = rolling;
  const unavailablePath = rollingPath.child('maxUnavailable');
  const errors = [
    ...validateIntOrPercent(unavailablePath, maxUnavailable),
    ...validateIntOrPercent(rollingPath.child('maxSurge'), maxSurge),
  ];
  if (isZeroCount(maxUnavailable) && isZeroCount(maxSurge)) {
    errors.push(invalid(unavailablePath, maxUnavailable ?? 0, 'may not be 0 when `maxSurge` is 0'));
  }
  return [...errors, ...notMoreThanHundredPercent(unavailablePath, maxUnavailable)];
}

function validate({ spec: own = emptySpec }: Deployment): FieldError[] {
  const deadlinePath = spec.child('progressDeadlineSeconds');
  const { replicas, minReadySeconds = 0, revisionHistoryLimit, progressDeadlineSeconds: deadline } = own;
  const errors = [
    ...nonNegative(spec.child('replicas'), replicas),
    ...validateSelectorAndTemplate(own.selector, own.template),
    ...validateStrategy(own),
    ...nonNegative(spec.child('minReadySeconds'), minReadySeconds),
    ...nonNegative(spec.child('revisionHistoryLimit'), revisionHistoryLimit),
    ...nonNegative(deadlinePath, deadline),
  ];
  if (deadline !== undefined && deadline <= minReadySeconds) {
    errors.push(invalid(deadlinePath, deadline, 'must be greater than minReadySeconds'));
  }
  return errors;
}

const validateUpdate = (deployment: Deployment, old: Deployment): FieldError[] => [
  ...validate(deployment),
  ...unchanged(spec.child('selector'), deployment.spec?.selector, old.spec?.selector),
];

const validateStatusUpdate = ({ status }: Deployment, old: Deployment): FieldError[] => [
  ...validateReplicaCounts(
    status,
    ['updatedReplicas', 'readyReplicas', 'availableReplicas'],
    ['observedGeneration', 'unavailableReplicas', 'terminatingReplicas', 'collisionCount'],
  ),
  ...validateCollisionCount(status, old.status),
];

function warnings(deployment: Deployment, old?: Deployment): string[] {
  if (old && deepEqual(deployment.spec, old.spec)) return [];
  return [...(old ? [] : workloadNameWarnings(deployment)), ...workloadWarnings(deployment, old)];
}

export const deployments = defineResource<Deployment>({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  names: { plural: 'deployments', singular: 'deployment', shortNames: ['deploy'], categories: ['all'] },
  scope: 'Namespaced',
  defaults,
  validate,
  validateUpdate,
  warnings,
  columns: [
    nameColumn,
    textColumn(
      'Ready',
      'Number of the pod with ready state',
      ({ spec: own, status }) => `${status?.readyReplicas ?? 0}/${own?.replicas ?? 0}`,
    ),
    {
      name: 'Up-to-date',
      type: 'string',
      description:
        'Total number of non-terminating pods targeted by this deployment that have the desired template spec.',
      value: ({ status }) => status?.updatedReplicas ?? 0,
    },
    {
      name: 'Available',
      type: 'string',
      description:
        'Total number of available non-terminating pods (ready for at least minReadySeconds) targeted by this deployment.',
      value: ({ status }) => status?.availableReplicas ?? 0,
    },
    ageColumn,
    ...workloadWideColumns,
  ],
  subresources: {
    status: { validateUpdate: validateStatusUpdate },
    scale: { specReplicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  },
});
