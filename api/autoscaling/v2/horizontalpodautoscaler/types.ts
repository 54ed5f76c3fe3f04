/** The shapes of a HorizontalPodAutoscaler. */
import type {
  V2CrossVersionObjectReference,
  V2HorizontalPodAutoscaler,
  V2HorizontalPodAutoscalerBehavior,
  V2HorizontalPodAutoscalerSpec,
  V2HorizontalPodAutoscalerStatus,
  V2HPAScalingPolicy,
  V2HPAScalingRules,
  V2MetricIdentifier,
  V2MetricSpec,
  V2MetricStatus,
  V2MetricTarget,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import type { Wire } from '../../../meta/types';

export interface HorizontalPodAutoscaler extends Wire<V2HorizontalPodAutoscaler> {}
export interface HorizontalPodAutoscalerSpec extends Wire<V2HorizontalPodAutoscalerSpec> {}
export interface HorizontalPodAutoscalerStatus extends Wire<V2HorizontalPodAutoscalerStatus> {}
export interface HorizontalPodAutoscalerBehavior extends Wire<V2HorizontalPodAutoscalerBehavior> {}
export interface ScalingRules extends Wire<V2HPAScalingRules> {}
export interface ScalingPolicy extends Wire<V2HPAScalingPolicy> {}
export interface CrossVersionObjectReference extends Wire<V2CrossVersionObjectReference> {}
export interface MetricSpec extends Wire<V2MetricSpec> {}
export interface MetricStatus extends Wire<V2MetricStatus> {}
export interface MetricTarget extends Wire<V2MetricTarget> {}
export interface MetricIdentifier extends Wire<V2MetricIdentifier> {}

/** The fields of a metric, one for each type of source. */
export const metricSources = {
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
  ContainerResource: 'containerResource',
  External: 'external',
} as const;

export type MetricType = keyof typeof metricSources;
