/**
 * What a pod's status says about it: readiness, availability, finality. Upstream: `pkg/api/v1/pod/util.go` and
 * `pkg/controller/controller_utils.go`.
 */
import type { Container, Pod, PodCondition, PodStatus } from './types';

export const getPodCondition = (status: PodStatus | undefined, type: string): PodCondition | undefined =>
  status?.conditions?.find((condition) => condition.type === type);

/** The Ready condition is True. */
export const isPodReady = (pod: Pod): boolean => getPodCondition(pod.status, 'Ready')?.status === 'True';

/** Ready, and for at least `minReadySeconds`. `nowMs` is the current time in milliseconds. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  const ready = getPodCondition(pod.status, 'Ready');
  if (ready?.status !== 'True') return false;
  if (minReadySeconds === 0) return true;
  const since = ready.lastTransitionTime ? Date.parse(ready.lastTransitionTime) : Number.NaN;
  return !Number.isNaN(since) && since + minReadySeconds * 1000 <= nowMs;
}

export const isPodPhaseTerminal = (phase: string | undefined): boolean => phase === 'Failed' || phase === 'Succeeded';

/** Failed or Succeeded: none of its containers will run again. */
export const isPodTerminal = (pod: Pod): boolean => isPodPhaseTerminal(pod.status?.phase);

/** Neither terminal nor being deleted: it counts towards a controller's replicas. */
export const isPodActive = (pod: Pod): boolean => !isPodTerminal(pod) && !pod.metadata?.deletionTimestamp;

/** An init container that keeps running beside the others: a sidecar. */
export const isRestartableInitContainer = (container: Pick<Container, 'restartPolicy'> | undefined): boolean =>
  container?.restartPolicy === 'Always';

/**
 * Sets a condition in place, keeping lastTransitionTime while the status stays the same. True when anything changed.
 * Upstream: UpdatePodCondition.
 */
export function updatePodCondition(status: PodStatus, condition: PodCondition, nowText: string): boolean {
  const old = getPodCondition(status, condition.type);
  const next: PodCondition = {
    ...condition,
    lastTransitionTime: old?.status === condition.status ? (old.lastTransitionTime ?? nowText) : nowText,
  };
  if (!old) {
    (status.conditions ??= []).push(next);
    return true;
  }
  const fields = ['status', 'reason', 'message', 'lastProbeTime', 'lastTransitionTime', 'observedGeneration'] as const;
  const changed = fields.some((field) => (old[field] ?? undefined) !== (next[field] ?? undefined));
  if (changed) status.conditions![status.conditions!.indexOf(old)] = next;
  return changed;
}
