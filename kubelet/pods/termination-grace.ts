/** How long a pod that ends may take. Upstream: calculateEffectiveGracePeriod in pkg/kubelet/pod_workers.go. Pure. */
import type { Pod } from '../../api/core/v1/pod';
import { isStaticPod } from '../config/static-pods';

export interface GraceInput {
  /** Undefined when only containers remember the pod. */
  pod: Pod | undefined;
  /** The API (or the manifest folder) no longer has it. */
  removed: boolean;
  /** Of an eviction: at most so long. */
  evictionGraceSeconds?: number;
  /** What its containers' labels remember. */
  labelledGraceSeconds(): number;
}

export const graceSecondsOf = (input: GraceInput): number =>
  Math.min(ownGraceSeconds(input), input.evictionGraceSeconds ?? Infinity);

function ownGraceSeconds({ pod, removed, labelledGraceSeconds }: GraceInput): number {
  if (!pod) return labelledGraceSeconds();
  if (pod.metadata?.deletionTimestamp) return pod.metadata.deletionGracePeriodSeconds ?? 30;
  // Deleted by force: the API gave no time any more.
  if (removed && !isStaticPod(pod)) return 1;
  return pod.spec?.terminationGracePeriodSeconds ?? (removed ? 30 : labelledGraceSeconds());
}
