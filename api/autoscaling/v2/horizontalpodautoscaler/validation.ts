/** Autoscalers as created and changed. Upstream: `pkg/apis/autoscaling/validation/validation.go`. */
import { at, nonNegative } from '../../../meta/field-checks';
import { type FieldError, type FieldPath, forbidden, invalid, notSupported, required } from '../../../meta/field-error';
import { Quantity } from '../../../meta/quantity';
import { validateMetric, validateReference } from './metric-validation';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, ScalingPolicy, ScalingRules } from './types';

const path = at('spec');
const emptySpec: HorizontalPodAutoscalerSpec = { maxReplicas: 0, scaleTargetRef: { kind: '', name: '' } };
const maxWindowSeconds = 3600;
const maxPeriodSeconds = 1800;

function validatePolicy({ type, value, periodSeconds }: ScalingPolicy, where: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const periodPath = where.child('periodSeconds');
  if (type !== 'Pods' && type !== 'Percent') errors.push(notSupported(where.child('type'), type, ['Percent', 'Pods']));
  if (value <= 0) errors.push(invalid(where.child('value'), value, 'must be greater than zero'));
  if (periodSeconds <= 0) errors.push(invalid(periodPath, periodSeconds, 'must be greater than zero'));
  if (periodSeconds > maxPeriodSeconds) {
    errors.push(invalid(periodPath, periodSeconds, `must be less than or equal to ${maxPeriodSeconds}`));
  }
  return errors;
}

function validateRules(rules: ScalingRules | undefined, where: FieldPath): FieldError[] {
  if (!rules) return [];
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules;
  const errors: FieldError[] = [];
  const windowPath = where.child('stabilizationWindowSeconds');
  if (window !== undefined && window < 0) {
    errors.push(invalid(windowPath, window, 'must be greater than or equal to zero'));
  }
  if (window !== undefined && window > maxWindowSeconds) {
    errors.push(invalid(windowPath, window, `must be less than or equal to ${maxWindowSeconds}`));
  }
  if (selectPolicy !== undefined && !['Max', 'Min', 'Disabled'].includes(selectPolicy)) {
    errors.push(notSupported(where.child('selectPolicy'), selectPolicy, ['Max', 'Min', 'Disabled']));
  }
  const policiesPath = where.child('policies');
  if (policies.length === 0) errors.push(required(policiesPath, 'must specify at least one Policy'));
  errors.push(...policies.flatMap((policy, index) => validatePolicy(policy, policiesPath.index(index))));
  if (Quantity.tryParse(tolerance)?.isNegative()) {
    errors.push(invalid(where.child('tolerance'), tolerance, 'must be greater or equal to zero'));
  }
  return errors;
}

function validateMetrics({ metrics = [], minReplicas }: HorizontalPodAutoscalerSpec): FieldError[] {
  const metricsPath = path.child('metrics');
  const errors = metrics.flatMap((metric, index) => validateMetric(metric, metricsPath.index(index)));
  if (minReplicas !== 0 || metrics.some(({ type }) => type === 'Object' || type === 'External')) return errors;
  const detail = 'must specify at least one Object or External metric to support scaling to zero replicas';
  return [...errors, forbidden(metricsPath, detail)];
}

/** `lowest`: an autoscaler that already scales to zero may go on. */
function validateSpec(spec: HorizontalPodAutoscalerSpec, lowest: 0 | 1): FieldError[] {
  const { minReplicas, maxReplicas = 0 } = spec;
  const errors: FieldError[] = [];
  const maxPath = path.child('maxReplicas');
  if (minReplicas !== undefined && minReplicas < lowest) {
    errors.push(invalid(path.child('minReplicas'), minReplicas, `must be greater than or equal to ${lowest}`));
  }
  if (maxReplicas < 1) errors.push(invalid(maxPath, maxReplicas, 'must be greater than 0'));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.push(invalid(maxPath, maxReplicas, 'must be greater than or equal to `minReplicas`'));
  }
  return [
    ...errors,
    ...validateReference(spec.scaleTargetRef, path.child('scaleTargetRef')),
    ...validateMetrics(spec),
    ...validateRules(spec.behavior?.scaleUp, path.child('behavior', 'scaleUp')),
    ...validateRules(spec.behavior?.scaleDown, path.child('behavior', 'scaleDown')),
  ];
}

export const validateAutoscaler = ({ spec = emptySpec }: HorizontalPodAutoscaler): FieldError[] =>
  validateSpec(spec, 1);

export const validateAutoscalerUpdate = (
  { spec = emptySpec }: HorizontalPodAutoscaler,
  old: HorizontalPodAutoscaler,
): FieldError[] => validateSpec(spec, old.spec?.minReplicas === 0 ? 0 : 1);

export const validateAutoscalerStatusUpdate = ({ status }: HorizontalPodAutoscaler): FieldError[] =>
  (['currentReplicas', 'desiredReplicas'] as const).flatMap((field) =>
    nonNegative(at('status').child(field), status?.[field]),
  );
