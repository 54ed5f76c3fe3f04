/**
 * Metrics as autoscaling/v1 writes them into annotations. Objects are converted before they are validated, so required fields
 * may be missing. Upstream: `pkg/apis/autoscaling/v1/conversion.go`.
 */
import type { LabelSelector } from '../../meta/types';
import type {
  CrossVersionObjectReference,
  MetricSpec,
  MetricStatus,
  MetricTarget,
} from '../v2/horizontalpodautoscaler/types';

interface NamedV1 {
  metricName: string;
  selector?: LabelSelector;
}

interface UtilizationV1 {
  name: string;
  container?: string;
  targetAverageUtilization?: number;
  targetAverageValue?: string;
}

export interface MetricSpecV1 {
  type: string;
  object?: NamedV1 & { target: CrossVersionObjectReference; targetValue: string; averageValue?: string };
  pods?: NamedV1 & { targetAverageValue: string };
  resource?: UtilizationV1;
  containerResource?: UtilizationV1 & { container: string };
  external?: {
    metricName: string;
    metricSelector?: LabelSelector;
    targetValue?: string;
    targetAverageValue?: string;
  };
}

interface CurrentUtilizationV1 {
  name: string;
  container?: string;
  currentAverageUtilization?: number;
  currentAverageValue: string;
}

export interface MetricStatusV1 {
  type: string;
  object?: NamedV1 & { target: CrossVersionObjectReference; currentValue: string; averageValue?: string };
  pods?: NamedV1 & { currentAverageValue: string };
  resource?: CurrentUtilizationV1;
  containerResource?: CurrentUtilizationV1 & { container: string };
  external?: {
    metricName: string;
    metricSelector?: LabelSelector;
    currentValue: string;
    currentAverageValue?: string;
  };
}

/** Without what is undefined, which exact types forbid to set. */
export const defined = <T extends object>(value: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;

const utilizationToV1 = (source: NonNullable<MetricSpec['resource']>): UtilizationV1 =>
  defined<UtilizationV1>({
    name: source.name,
    container: (source as { container?: string }).container,
    targetAverageUtilization: source.target?.averageUtilization,
    targetAverageValue: source.target?.averageValue,
  });

export function metricToV1({ type, object, pods, resource, containerResource, external }: MetricSpec): MetricSpecV1 {
  return defined<MetricSpecV1>({
    type,
    object:
      object &&
      defined<NonNullable<MetricSpecV1['object']>>({
        target: object.describedObject,
        metricName: object.metric?.name ?? '',
        targetValue: object.target?.value ?? '0',
        selector: object.metric?.selector,
        averageValue: object.target?.averageValue,
      }),
    pods:
      pods &&
      defined<NonNullable<MetricSpecV1['pods']>>({
        metricName: pods.metric?.name ?? '',
        targetAverageValue: pods.target?.averageValue ?? '0',
        selector: pods.metric?.selector,
      }),
    resource: resource && utilizationToV1(resource),
    containerResource: containerResource && {
      ...utilizationToV1(containerResource),
      container: containerResource.container,
    },
    external:
      external &&
      defined<NonNullable<MetricSpecV1['external']>>({
        metricName: external.metric?.name ?? '',
        metricSelector: external.metric?.selector,
        targetValue: external.target?.value,
        targetAverageValue: external.target?.averageValue,
      }),
  });
}

const target = (type: string, fields: Partial<Record<keyof MetricTarget, unknown>>): MetricTarget =>
  defined<MetricTarget>({ type, ...fields } as MetricTarget);

const utilizationTarget = ({ targetAverageUtilization, targetAverageValue }: UtilizationV1): MetricTarget =>
  target(targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization', {
    averageUtilization: targetAverageUtilization,
    averageValue: targetAverageValue,
  });

const identifier = (name: string, selector: LabelSelector | undefined) => ({ name, ...(selector && { selector }) });

export function metricFromV1({ type, object, pods, resource, containerResource, external }: MetricSpecV1): MetricSpec {
  return defined<MetricSpec>({
    type,
    object: object && {
      describedObject: object.target,
      metric: identifier(object.metricName, object.selector),
      target:
        object.averageValue === undefined
          ? target('Value', { value: object.targetValue })
          : target('AverageValue', {
              value: object.targetValue === '0' ? undefined : object.targetValue,
              averageValue: object.averageValue,
            }),
    },
    pods: pods && {
      metric: identifier(pods.metricName, pods.selector),
      target: target('AverageValue', { averageValue: pods.targetAverageValue }),
    },
    resource: resource && { name: resource.name, target: utilizationTarget(resource) },
    containerResource: containerResource && {
      name: containerResource.name,
      container: containerResource.container,
      target: utilizationTarget(containerResource),
    },
    external: external && {
      metric: identifier(external.metricName, external.metricSelector),
      target: target(external.targetAverageValue === undefined ? 'Value' : 'AverageValue', {
        value: external.targetValue,
        averageValue: external.targetAverageValue,
      }),
    },
  });
}

const currentToV1 = (source: NonNullable<MetricStatus['resource']>): CurrentUtilizationV1 =>
  defined<CurrentUtilizationV1>({
    name: source.name,
    container: (source as { container?: string }).container,
    currentAverageUtilization: source.current?.averageUtilization,
    currentAverageValue: source.current?.averageValue ?? '0',
  });

export function statusToV1({
  type,
  object,
  pods,
  resource,
  containerResource,
  external,
}: MetricStatus): MetricStatusV1 {
  return defined<MetricStatusV1>({
    type,
    object:
      object &&
      defined<NonNullable<MetricStatusV1['object']>>({
        target: object.describedObject,
        metricName: object.metric?.name ?? '',
        currentValue: object.current?.value ?? '0',
        selector: object.metric?.selector,
        averageValue: object.current?.averageValue,
      }),
    pods:
      pods &&
      defined<NonNullable<MetricStatusV1['pods']>>({
        metricName: pods.metric?.name ?? '',
        currentAverageValue: pods.current?.averageValue ?? '0',
        selector: pods.metric?.selector,
      }),
    resource: resource && currentToV1(resource),
    containerResource: containerResource && {
      ...currentToV1(containerResource),
      container: containerResource.container,
    },
    external:
      external &&
      defined<NonNullable<MetricStatusV1['external']>>({
        metricName: external.metric?.name ?? '',
        metricSelector: external.metric?.selector,
        currentValue: external.current?.value ?? '0',
        currentAverageValue: external.current?.averageValue,
      }),
  });
}

const currentFromV1 = ({ currentAverageUtilization, currentAverageValue }: CurrentUtilizationV1) =>
  defined<{ averageUtilization?: number; averageValue?: string }>({
    averageUtilization: currentAverageUtilization,
    averageValue: currentAverageValue,
  });

export function statusFromV1(status: MetricStatusV1): MetricStatus {
  const { type, object, pods, resource, containerResource, external } = status;
  return defined<MetricStatus>({
    type,
    object: object && {
      describedObject: object.target,
      metric: identifier(object.metricName, object.selector),
      current: defined({ value: object.currentValue, averageValue: object.averageValue }),
    },
    pods: pods && {
      metric: identifier(pods.metricName, pods.selector),
      current: { averageValue: pods.currentAverageValue },
    },
    resource: resource && { name: resource.name, current: currentFromV1(resource) },
    containerResource: containerResource && {
      name: containerResource.name,
      container: containerResource.container,
      current: currentFromV1(containerResource),
    },
    external: external && {
      metric: identifier(external.metricName, external.metricSelector),
      current: defined({ value: external.currentValue, averageValue: external.currentAverageValue }),
    },
  });
}
