/** Defaults of autoscalers: 80 % of the requested CPU, fast up, slowly down. Upstream: `pkg/apis/autoscaling/v2/defaults.go`. */
import { canonicalQuantity } from '../../../core/v1/resource-list';
import { dropRoundTripAnnotations } from './annotations';
import { type HorizontalPodAutoscaler, metricSources, type MetricSpec, type ScalingRules } from './types';

const defaultCpuUtilization = 80;

const upRules: ScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};

const downRules: ScalingRules = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
};

/** What is said goes before what is not. */
function completeRules(given: ScalingRules | undefined, rules: ScalingRules): ScalingRules {
  const own = Object.fromEntries(
    Object.entries(given ?? {}).filter(([, value]) => value !== undefined && value !== null),
  );
  const merged: ScalingRules = { ...rules, ...own };
  return { ...merged, ...(merged.policies && { policies: merged.policies.map((policy) => ({ ...policy })) }) };
}

function canonicalizeTarget(metric: MetricSpec): void {
  for (const source of Object.values(metricSources)) {
    const target = metric[source]?.target;
    if (target?.value !== undefined) target.value = canonicalQuantity(target.value);
    if (target?.averageValue !== undefined) target.averageValue = canonicalQuantity(target.averageValue);
  }
}

export function setAutoscalerDefaults(autoscaler: HorizontalPodAutoscaler): void {
  dropRoundTripAnnotations(autoscaler);
  const { spec } = autoscaler;
  if (!spec) return;
  spec.minReplicas ??= 1;
  if (!spec.metrics?.length) {
    const target = { type: 'Utilization', averageUtilization: defaultCpuUtilization };
    spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  }
  for (const metric of spec.metrics) canonicalizeTarget(metric);
  if (!spec.behavior) return;
  spec.behavior = {
    scaleUp: completeRules(spec.behavior.scaleUp, upRules),
    scaleDown: completeRules(spec.behavior.scaleDown, downRules),
  };
}
