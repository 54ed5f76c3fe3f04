/** Annotations that carry in autoscaling/v1 what only autoscaling/v2 has fields for. Upstream: `pkg/apis/autoscaling/annotations.go`. */
import type { KubeObject } from '../../../meta/types';

export const roundTripAnnotations = {
  metrics: 'autoscaling.alpha.kubernetes.io/metrics',
  currentMetrics: 'autoscaling.alpha.kubernetes.io/current-metrics',
  conditions: 'autoscaling.alpha.kubernetes.io/conditions',
  behavior: 'autoscaling.alpha.kubernetes.io/behavior',
} as const;

/** They mean nothing in the stored form. In place. */
export function dropRoundTripAnnotations({ metadata }: KubeObject): void {
  if (!metadata?.annotations) return;
  const names: readonly string[] = Object.values(roundTripAnnotations);
  const kept = Object.entries(metadata.annotations).filter(([name]) => !names.includes(name));
  if (kept.length) metadata.annotations = Object.fromEntries(kept);
  else delete metadata.annotations;
}
