/** Taints and tolerations. Upstream: `k8s.io/component-helpers/scheduling/corev1/helpers.go`. */
import type { Toleration } from '../pod/types';
import type { Taint } from './types';

/** The taints that kubelab itself sets, by upstream's keys. */
export const taintKeys = {
  notReady: 'node.kubernetes.io/not-ready',
  unreachable: 'node.kubernetes.io/unreachable',
  unschedulable: 'node.kubernetes.io/unschedulable',
  memoryPressure: 'node.kubernetes.io/memory-pressure',
  diskPressure: 'node.kubernetes.io/disk-pressure',
  networkUnavailable: 'node.kubernetes.io/network-unavailable',
  pidPressure: 'node.kubernetes.io/pid-pressure',
  outOfService: 'node.kubernetes.io/out-of-service',
} as const;

/** An empty effect, key or operator of the toleration matches any effect, any key (with Exists), Equal. */
export function tolerationMatches(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator ?? '') {
    case '':
    case 'Equal':
      return (toleration.value ?? '') === (taint.value ?? '');
    case 'Exists':
      return true;
    default:
      return false;
  }
}

export const tolerates = (tolerations: readonly Toleration[] | undefined, taint: Taint): boolean =>
  (tolerations ?? []).some((toleration) => tolerationMatches(toleration, taint));

/** The first taint, of those that `filter` lets through, that nothing tolerates. */
export const findUntoleratedTaint = (
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  filter: (taint: Taint) => boolean = () => true,
): Taint | undefined => (taints ?? []).find((taint) => filter(taint) && !tolerates(tolerations, taint));

/** Taints are the same when key and effect are. */
export const isSameTaint = (one: Taint, other: Taint): boolean => one.key === other.key && one.effect === other.effect;
