/**
 * HorizontalPodAutoscaler between autoscaling/v2, as it is stored, and autoscaling/v1, which knows CPU utilization only and
 * carries the rest in annotations. Upstream: `pkg/apis/autoscaling/v1/conversion.go`.
 */
import type { V1HorizontalPodAutoscaler } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import type { Wire } from '../../meta/types';
import { checkObject } from '../../schema/walk';
import { dropRoundTripAnnotations, roundTripAnnotations as names } from '../v2/horizontalpodautoscaler/annotations';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerBehavior,
  HorizontalPodAutoscalerSpec,
  HorizontalPodAutoscalerStatus,
  MetricSpec,
  MetricStatus,
} from '../v2/horizontalpodautoscaler/types';
import { behaviorFrom, behaviorToText } from './behavior';
import { defined, metricFromV1, metricToV1, statusFromV1, statusToV1 } from './metrics';

export interface HorizontalPodAutoscalerV1 extends Wire<V1HorizontalPodAutoscaler> {}

const isCpu = ({ type, resource }: MetricSpec | MetricStatus): boolean =>
  type === 'Resource' && resource?.name === 'cpu';

const isCpuUtilization = (metric: MetricSpec): boolean =>
  isCpu(metric) && metric.resource?.target?.averageUtilization !== undefined;

export function toAutoscalingV1(autoscaler: HorizontalPodAutoscaler): HorizontalPodAutoscalerV1 {
  const { spec, status, metadata, ...rest } = autoscaler;
  const others = (spec?.metrics ?? []).filter((metric) => !isCpuUtilization(metric));
  const current = status?.currentMetrics ?? [];
  const annotations = defined<Record<string, string>>({
    [names.metrics]: others.length ? JSON.stringify(others.map(metricToV1)) : undefined,
    [names.currentMetrics]: current.length ? JSON.stringify(current.map(statusToV1)) : undefined,
    [names.behavior]: spec?.behavior && behaviorToText(spec.behavior),
    [names.conditions]: status?.conditions?.length ? JSON.stringify(status.conditions) : undefined,
  });
  const added = Object.keys(annotations).length > 0;
  return defined<HorizontalPodAutoscalerV1>({
    ...rest,
    apiVersion: 'autoscaling/v1',
    metadata: added ? { ...metadata, annotations: { ...metadata?.annotations, ...annotations } } : metadata,
    spec:
      spec &&
      defined<NonNullable<HorizontalPodAutoscalerV1['spec']>>({
        scaleTargetRef: spec.scaleTargetRef,
        minReplicas: spec.minReplicas,
        maxReplicas: spec.maxReplicas,
        targetCPUUtilizationPercentage: spec.metrics?.findLast(isCpuUtilization)?.resource?.target?.averageUtilization,
      }),
    status:
      status &&
      defined<NonNullable<HorizontalPodAutoscalerV1['status']>>({
        observedGeneration: status.observedGeneration,
        lastScaleTime: status.lastScaleTime,
        currentReplicas: status.currentReplicas ?? 0,
        desiredReplicas: status.desiredReplicas,
        currentCPUUtilizationPercentage: current.find(isCpu)?.resource?.current?.averageUtilization,
      }),
  });
}

/**
 * The objects that an annotation lists, in their form of v2. Whoever may write the object may write anything there, so what
 * does not fit the schema counts for nothing.
 */
function readList<T>(text: string | undefined, schema: string, convert: (item: any) => T): T[] | undefined {
  if (text === undefined) return undefined;
  const list = parseJson(text);
  if (!Array.isArray(list) || list.some((item) => typeof item !== 'object' || item === null)) return undefined;
  const converted = list.map(convert);
  return converted.every((item) => fits(schema, item)) ? converted : undefined;
}

const fits = (schema: string, value: unknown): boolean =>
  checkObject(`io.k8s.api.autoscaling.v2.${schema}`, value).typeErrors.length === 0;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readBehavior(text: string | undefined): HorizontalPodAutoscalerBehavior | undefined {
  const behavior = text === undefined ? undefined : behaviorFrom(parseJson(text));
  return behavior && fits('HorizontalPodAutoscalerBehavior', behavior) ? behavior : undefined;
}

const cpuMetric = (averageUtilization: number): MetricSpec => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});

function specFromV1({ spec, metadata }: HorizontalPodAutoscalerV1): HorizontalPodAutoscalerSpec | undefined {
  if (!spec) return undefined;
  const { targetCPUUtilizationPercentage: cpu, ...rest } = spec;
  const annotations = metadata?.annotations ?? {};
  const others = readList(annotations[names.metrics], 'MetricSpec', metricFromV1) ?? [];
  const metrics = [...others, ...(cpu === undefined ? [] : [cpuMetric(cpu)])];
  return defined<HorizontalPodAutoscalerSpec>({
    ...rest,
    metrics: metrics.length ? metrics : undefined,
    behavior: readBehavior(annotations[names.behavior]),
  });
}

function statusFrom({ status, metadata }: HorizontalPodAutoscalerV1): HorizontalPodAutoscalerStatus | undefined {
  if (!status) return undefined;
  const { currentCPUUtilizationPercentage: cpu, ...rest } = status;
  const annotations = metadata?.annotations ?? {};
  // The annotation says more than the field.
  const current = readList(annotations[names.currentMetrics], 'MetricStatus', statusFromV1);
  const conditions = readList(annotations[names.conditions], 'HorizontalPodAutoscalerCondition', (item) => item);
  const plain: MetricStatus[] | undefined =
    cpu === undefined
      ? undefined
      : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: cpu } } }];
  return defined<HorizontalPodAutoscalerStatus>({
    ...rest,
    currentMetrics: current ?? plain,
    conditions,
  });
}

export function fromAutoscalingV1(autoscaler: HorizontalPodAutoscalerV1): HorizontalPodAutoscaler {
  const { spec: _spec, status: _status, ...rest } = autoscaler;
  const stored = defined<HorizontalPodAutoscaler>({
    ...rest,
    apiVersion: 'autoscaling/v2',
    metadata: autoscaler.metadata && { ...autoscaler.metadata },
    spec: specFromV1(autoscaler),
    status: statusFrom(autoscaler),
  });
  dropRoundTripAnnotations(stored);
  return stored;
}
