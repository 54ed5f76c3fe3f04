/** What a StatefulSet may say and what may change. Upstream: ValidateStatefulSet and its Update in `pkg/apis/apps/validation`. */
import { validateClaimSpec } from '../../../core/v1/persistentvolumeclaim/validation';
import type { PodTemplateSpec } from '../../../core/v1/pod/types';
import { validatePodTemplateSpec } from '../../../core/v1/pod/validation/pod-spec';
import { validateCollisionCount, validateReplicaCounts } from '../../../core/v1/replica-counts';
import { at, invalidEach, nonNegative, oneOf } from '../../../meta/field-checks';
import { type FieldError, forbidden, invalid, required } from '../../../meta/field-error';
import { deepEqual } from '../../../meta/json';
import { isDns1123Label } from '../../../meta/names';
import { isZeroCount, notMoreThanHundredPercent, validateIntOrPercent } from '../int-or-percent';
import { validateAlwaysRestarts, validateSelectsTemplate, validateWorkloadSelector } from '../template-validation';
import type { ClaimRetentionPolicy, RollingUpdateStatefulSetStrategy, StatefulSet, StatefulSetSpec } from './types';

const path = at('spec');
const emptySpec: StatefulSetSpec = { selector: {}, template: {} };

function validateRollingUpdate({ partition, maxUnavailable }: RollingUpdateStatefulSetStrategy): FieldError[] {
  const rolling = path.child('updateStrategy', 'rollingUpdate');
  const errors = nonNegative(rolling.child('partition'), partition);
  if (maxUnavailable === undefined) return errors;
  const countPath = rolling.child('maxUnavailable');
  return [
    ...errors,
    ...validateIntOrPercent(countPath, maxUnavailable),
    ...(isZeroCount(maxUnavailable) ? [invalid(countPath, maxUnavailable, 'cannot be 0')] : []),
    ...notMoreThanHundredPercent(countPath, maxUnavailable),
  ];
}

function validateStrategy({ podManagementPolicy, updateStrategy }: StatefulSetSpec): FieldError[] {
  const errors: FieldError[] = [];
  const policyPath = path.child('podManagementPolicy');
  if (!podManagementPolicy) errors.push(required(policyPath));
  else if (!['OrderedReady', 'Parallel'].includes(podManagementPolicy)) {
    errors.push(invalid(policyPath, podManagementPolicy, "must be 'OrderedReady' or 'Parallel'"));
  }
  const strategyPath = path.child('updateStrategy');
  const rolling = updateStrategy?.rollingUpdate;
  switch (updateStrategy?.type) {
    case undefined:
    case '':
      return [...errors, required(strategyPath)];
    case 'OnDelete': {
      const detail = "only allowed for updateStrategy 'RollingUpdate'";
      return rolling ? [...errors, invalid(strategyPath.child('rollingUpdate'), rolling, detail)] : errors;
    }
    case 'RollingUpdate':
      return rolling ? [...errors, ...validateRollingUpdate(rolling)] : errors;
    default:
      return [...errors, invalid(strategyPath, updateStrategy, "must be 'RollingUpdate' or 'OnDelete'")];
  }
}

function validateRetention(policy: ClaimRetentionPolicy | undefined): FieldError[] {
  if (!policy) return [];
  const retention = path.child('persistentVolumeClaimRetentionPolicy');
  const policies = ['Retain', 'Delete'];
  return [
    ...oneOf(retention.child('whenDeleted'), policy.whenDeleted, policies),
    ...oneOf(retention.child('whenScaled'), policy.whenScaled, policies),
  ];
}

/**
 * The template as its pods will have it: the controller sets their hostname and subdomain, and gives them a volume for every
 * claim template.
 */
function effectiveTemplate({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  if (!template?.spec) return template;
  const { hostname: _, subdomain: __, ...podSpec } = template.spec;
  const names = new Set(volumeClaimTemplates.map(({ metadata }) => metadata?.name ?? ''));
  const claimed = [...names].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  const own = (podSpec.volumes ?? []).filter(({ name }) => !names.has(name));
  return { ...template, spec: { ...podSpec, volumes: [...claimed, ...own] } };
}

const validateTemplate = (own: StatefulSetSpec): FieldError[] =>
  validatePodTemplateSpec(effectiveTemplate(own), path.child('template'));

/** Rules of new and changed objects alike. */
function validateSpec(own: StatefulSetSpec): FieldError[] {
  const { start } = own.ordinals ?? {};
  return [
    ...validateStrategy(own),
    ...validateRetention(own.persistentVolumeClaimRetentionPolicy),
    ...nonNegative(path.child('replicas'), own.replicas),
    ...nonNegative(path.child('minReadySeconds'), own.minReadySeconds),
    ...nonNegative(path.child('ordinals.start'), start),
    ...validateWorkloadSelector(own.selector, 'statefulset'),
    ...validateSelectsTemplate(own.selector, own.template),
    ...validateAlwaysRestarts(own.template, 'StatefulSet'),
  ];
}

export function validateStatefulSet({ spec = emptySpec }: StatefulSet): FieldError[] {
  const claims = spec.volumeClaimTemplates ?? [];
  return [
    ...validateSpec(spec),
    ...claims.flatMap((claim, index) =>
      validateClaimSpec(claim.spec, path.child('volumeClaimTemplates').index(index).child('spec')),
    ),
    ...(spec.serviceName
      ? invalidEach(path.child('serviceName'), spec.serviceName, isDns1123Label(spec.serviceName))
      : []),
    ...validateTemplate(spec),
  ];
}

const mutableFields = [
  ...['replicas', 'template', 'updateStrategy', 'minReadySeconds', 'ordinals', 'revisionHistoryLimit'],
  'persistentVolumeClaimRetentionPolicy',
];

/** A template that was wrong before may stay so, to let such sets be changed and deleted. */
export function validateStatefulSetUpdate({ spec = emptySpec }: StatefulSet, old: StatefulSet): FieldError[] {
  const before = old.spec ?? emptySpec;
  const errors = validateSpec(spec);
  if (validateSpec(before).length === 0 && validateTemplate(before).length === 0)
    errors.push(...validateTemplate(spec));
  const fixed = (own: StatefulSetSpec) =>
    Object.fromEntries(Object.entries(own).filter(([field]) => !mutableFields.includes(field)));
  if (!deepEqual(fixed(spec), fixed(before))) {
    const detail =
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
    errors.push(forbidden(path, detail));
  }
  return errors;
}

export const validateStatefulSetStatusUpdate = ({ status }: StatefulSet, old: StatefulSet): FieldError[] => [
  ...validateReplicaCounts(
    status,
    ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
    ['observedGeneration', 'collisionCount'],
    'status.readyReplicas',
  ),
  ...validateCollisionCount(status, old.status),
];
