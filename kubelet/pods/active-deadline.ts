/** `activeDeadlineSeconds`: how long a pod may run on its node. Upstream: pkg/kubelet/active_deadline.go. Pure. */
import type { Pod } from '../../api/core/v1/pod';
import type { StatusInput } from './compute-pod-status';

export const deadlineExceeded: NonNullable<StatusInput['verdict']> = {
  phase: 'Failed',
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};

/** Milliseconds that are left; Infinity without a deadline. */
export function activeDeadlineIn(pod: Pod | undefined, nowMs: number): number {
  const seconds = pod?.spec?.activeDeadlineSeconds;
  if (seconds === undefined || !pod?.status?.startTime) return Infinity;
  return Date.parse(pod.status.startTime) + seconds * 1000 - nowMs;
}
