/** What `kubectl get hpa` shows. Upstream: formatHPAMetrics in `pkg/printers/internalversion/printers.go`. */
import { ageColumn, nameColumn, textColumn } from '../../../meta/columns';
import type { TableColumn } from '../../../meta/resource-definition';
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus } from './types';

const unknown = '<unknown>';
const percent = (value: number | undefined, otherwise: string): string =>
  value === undefined ? otherwise : `${value}%`;

/** `cpu: 12%/80%` or `cpu: 250m/500m` */
function formatUtilization(source: NonNullable<MetricSpec['resource']>, status: MetricStatus['resource']): string {
  const { averageValue, averageUtilization } = source.target;
  const current = status?.current;
  return averageValue === undefined
    ? `${source.name}: ${percent(current?.averageUtilization, unknown)}/${percent(averageUtilization, '<auto>')}`
    : `${source.name}: ${current?.averageValue ?? unknown}/${averageValue}`;
}

/** `10/20`, and `10/20 (avg)` where the target is an average over the pods. */
function formatValue({ target }: NonNullable<MetricSpec['external']>, status: MetricStatus['external']): string {
  const { current } = status ?? {};
  return target.averageValue === undefined
    ? `${current?.value ?? unknown}/${target.value ?? '<nil>'}`
    : `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`;
}

function formatMetric(metric: MetricSpec, status: MetricStatus | undefined): string {
  const { type, external, object, pods, resource, containerResource } = metric;
  if (type === 'External' && external) return formatValue(external, status?.external);
  if (type === 'Object' && object) return formatValue(object, status?.object);
  if (type === 'Pods' && pods) {
    return `${status?.pods?.current.averageValue ?? unknown}/${pods.target.averageValue ?? '<nil>'}`;
  }
  if (type === 'Resource' && resource) return formatUtilization(resource, status?.resource);
  if (type === 'ContainerResource' && containerResource) {
    return formatUtilization(containerResource, status?.containerResource);
  }
  return '<unknown type>';
}

const maxShown = 2;

function formatTargets({ spec, status }: HorizontalPodAutoscaler): string {
  const metrics = spec?.metrics ?? [];
  if (metrics.length === 0) return '<none>';
  const shown = metrics
    .slice(0, maxShown)
    .map((metric, index) => formatMetric(metric, status?.currentMetrics?.[index]));
  const more = metrics.length > maxShown ? ` + ${metrics.length - maxShown} more...` : '';
  return shown.join(', ') + more;
}

/** Upstream says that these numbers are strings. */
const countColumn = (
  name: string,
  description: string,
  value: (autoscaler: HorizontalPodAutoscaler) => number | undefined,
): TableColumn<HorizontalPodAutoscaler> => ({
  name,
  type: 'string',
  description,
  value: (autoscaler) => value(autoscaler) ?? 0,
});

export const autoscalerColumns: TableColumn<HorizontalPodAutoscaler>[] = [
  nameColumn,
  textColumn(
    'Reference',
    'scaleTargetRef points to the target resource to scale, and is used to the pods for which metrics should be collected, as well as to actually change the replica count.',
    ({ spec }) => `${spec?.scaleTargetRef?.kind ?? ''}/${spec?.scaleTargetRef?.name ?? ''}`,
  ),
  textColumn(
    'Targets',
    'metrics contains the specifications for which to use to calculate the desired replica count (the maximum replica count across all metrics will be used).',
    formatTargets,
  ),
  textColumn(
    'MinPods',
    'minReplicas is the lower limit for the number of replicas to which the autoscaler can scale down.  It defaults to 1 pod.',
    ({ spec }) => String(spec?.minReplicas ?? '<unset>'),
  ),
  countColumn(
    'MaxPods',
    'maxReplicas is the upper limit for the number of replicas to which the autoscaler can scale up. It cannot be less that minReplicas.',
    ({ spec }) => spec?.maxReplicas,
  ),
  countColumn(
    'Replicas',
    'currentReplicas is current number of replicas of pods managed by this autoscaler, as last seen by the autoscaler.',
    ({ status }) => status?.currentReplicas,
  ),
  ageColumn,
];
