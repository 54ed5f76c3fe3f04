/** What an autoscaler may measure. Upstream: validateMetricSpec in `pkg/apis/autoscaling/validation/validation.go`. */
import { validateContainerResourceName } from '../../../core/v1/pod/validation/resources';
import { invalidEach, requiredAnd } from '../../../meta/field-checks';
import { type FieldError, type FieldPath, forbidden, invalid, notSupported, required } from '../../../meta/field-error';
import { isDns1123Label, isValidPathSegmentName } from '../../../meta/names';
import { Quantity } from '../../../meta/quantity';
import {
  type CrossVersionObjectReference,
  type MetricIdentifier,
  metricSources,
  type MetricSpec,
  type MetricTarget,
  type MetricType,
} from './types';

const noTarget = 'must set either a target raw value or a target utilization';
const bothTargets = 'may not set both a target raw value and a target utilization';

export const validateReference = (
  reference: CrossVersionObjectReference | undefined,
  path: FieldPath,
): FieldError[] => [
  ...requiredAnd(path.child('kind'), reference?.kind, isValidPathSegmentName),
  ...requiredAnd(path.child('name'), reference?.name, isValidPathSegmentName),
];

const validateIdentifier = (metric: MetricIdentifier | undefined, path: FieldPath): FieldError[] =>
  metric?.name
    ? invalidEach(path.child('name'), metric.name, isValidPathSegmentName(metric.name))
    : [required(path.child('name'), 'must specify a metric name')];

const isPositive = (text: string): boolean => {
  const quantity = Quantity.tryParse(text);
  return quantity !== undefined && !quantity.isNegative() && !quantity.isZero();
};

function validateTarget(target: MetricTarget | undefined, path: FieldPath): FieldError[] {
  const { type = '', averageUtilization } = target ?? {};
  const errors: FieldError[] = [];
  if (!type) errors.push(required(path.child('type'), 'must specify a metric target type'));
  if (!['Utilization', 'Value', 'AverageValue'].includes(type)) {
    errors.push(invalid(path.child('type'), type, 'must be either Utilization, Value, or AverageValue'));
  }
  for (const field of ['value', 'averageValue'] as const) {
    const text = target?.[field];
    if (text !== undefined && !isPositive(text)) errors.push(invalid(path.child(field), text, 'must be positive'));
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    errors.push(invalid(path.child('averageUtilization'), averageUtilization, 'must be greater than 0'));
  }
  return errors;
}

function validateUtilization(target: MetricTarget | undefined, path: FieldPath): FieldError[] {
  const { averageUtilization, averageValue } = target ?? {};
  if (averageUtilization === undefined && averageValue === undefined) {
    return [required(path.child('averageUtilization'), noTarget)];
  }
  const both = averageUtilization !== undefined && averageValue !== undefined;
  return both ? [forbidden(path.child('averageValue'), bothTargets)] : [];
}

type Sources = { [S in (typeof metricSources)[MetricType]]: NonNullable<MetricSpec[S]> };

const validators: { [S in keyof Sources]: (source: Sources[S], path: FieldPath) => FieldError[] } = {
  object({ describedObject, metric, target }, path) {
    const targetPath = path.child('target');
    const missing = target?.value === undefined && target?.averageValue === undefined;
    return [
      ...validateReference(describedObject, path.child('describedObject')),
      ...validateIdentifier(metric, path.child('metric')),
      ...validateTarget(target, targetPath),
      ...(missing
        ? [required(targetPath.child('averageValue'), 'must set either a target value or averageValue')]
        : []),
    ];
  },
  external({ metric, target }, path) {
    const targetPath = path.child('target');
    const errors = [...validateIdentifier(metric, path.child('metric')), ...validateTarget(target, targetPath)];
    const { value, averageValue } = target ?? {};
    if (value === undefined && averageValue === undefined) {
      const detail = 'must set either a target value for metric or a per-pod target';
      errors.push(required(targetPath.child('averageValue'), detail));
    }
    if (value !== undefined && averageValue !== undefined) {
      const detail = 'may not set both a target value for metric and a per-pod target';
      errors.push(forbidden(targetPath.child('value'), detail));
    }
    return errors;
  },
  pods({ metric, target }, path) {
    const targetPath = path.child('target');
    return [
      ...validateIdentifier(metric, path.child('metric')),
      ...validateTarget(target, targetPath),
      ...(target?.averageValue === undefined
        ? [required(targetPath.child('averageValue'), 'must specify a positive target averageValue')]
        : []),
    ];
  },
  resource({ name, target }, path) {
    const targetPath = path.child('target');
    return [
      ...(name ? [] : [required(path.child('name'), 'must specify a resource name')]),
      ...validateTarget(target, targetPath),
      ...validateUtilization(target, targetPath),
    ];
  },
  containerResource({ name, container, target }, path) {
    const targetPath = path.child('target');
    const namePath = path.child('name');
    const containerPath = path.child('container');
    return [
      ...(name ? validateContainerResourceName(name, namePath) : [required(namePath, 'must specify a resource name')]),
      ...(container
        ? invalidEach(containerPath, container, isDns1123Label(container))
        : [required(containerPath, 'must specify a container')]),
      ...validateTarget(target, targetPath),
      ...validateUtilization(target, targetPath),
    ];
  },
};

/** The order in which upstream looks for sources: the first is checked, all but the right one are refused. */
const checkOrder = ['object', 'external', 'pods', 'resource', 'containerResource'] as const;

export function validateMetric(metric: MetricSpec, path: FieldPath): FieldError[] {
  const types = Object.keys(metricSources);
  const { type } = metric;
  const expected = Object.hasOwn(metricSources, type ?? '') ? metricSources[type as MetricType] : undefined;
  const errors: FieldError[] = [];
  if (!type) errors.push(required(path.child('type'), 'must specify a metric source type'));
  if (!expected) errors.push(notSupported(path.child('type'), type ?? '', types));
  const given = checkOrder.filter((source) => metric[source]);
  const [first, ...others] = given;
  if (first) {
    const validate = validators[first] as (source: unknown, where: FieldPath) => FieldError[];
    errors.push(...validate(metric[first], path.child(first)));
  }
  if (expected && !metric[expected]) {
    errors.push(required(path.child(expected), 'must populate information for the given metric source'));
  }
  if (others.length === 0) return errors;
  const wrong = given.filter((source) => source !== expected);
  return [
    ...errors,
    ...wrong.map((source) => forbidden(path.child(source), 'must populate the given metric source only')),
  ];
}
