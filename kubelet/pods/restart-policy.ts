/** Which dead containers are started again. */
import { type Container, type Pod, restartPolicyOf, restartsAfter } from '../../api/core/v1/pod';
import type { ContainerStatus } from '../runtime/runtime';

/** An init container that keeps running beside the others (restartPolicy Always). */
export const isSidecar = (container: Pick<Container, 'restartPolicy'>): boolean => container.restartPolicy === 'Always';

/** Upstream's ShouldContainerBeRestarted, for a container that is not running. A pod being deleted restarts nothing. */
export function shouldBeRestarted(pod: Pod, container: Container, newest: ContainerStatus | undefined): boolean {
  if (pod.metadata?.deletionTimestamp) return false;
  if (!newest || newest.state === 'created') return true;
  if (newest.state === 'running') return false;
  return restartsAfter(pod, container, newest.exitCode ?? 137);
}

/** Whether an end of the container can be followed by another start. */
export const mayBeRestarted = (pod: Pod, container: Container): boolean =>
  restartsOnFailure(pod, container) || (container.restartPolicyRules ?? []).length > 0;

/** Whether a container that failed may run again (all policies but Never). */
export const restartsOnFailure = (pod: Pod, container: Container): boolean =>
  restartPolicyOf(pod, container) !== 'Never';
