/** Which dead containers come back: the pod's restart policy, with the containers' own where they have one. */
import type { Container, Pod } from '../../api/core/v1/pod';
import type { ContainerStatus } from '../runtime/runtime';

type Policy = 'Always' | 'OnFailure' | 'Never';

/** An init container that keeps running beside the others (restartPolicy Always). */
export const isSidecar = (container: Pick<Container, 'restartPolicy'>): boolean => container.restartPolicy === 'Always';

export function restartPolicyOf(pod: Pod, container: Container): Policy {
  return (container.restartPolicy ?? pod.spec?.restartPolicy ?? 'Always') as Policy;
}

/** Upstream's ShouldContainerBeRestarted, for a container that is not running. A pod being deleted restarts nothing. */
export function shouldBeRestarted(pod: Pod, container: Container, newest: ContainerStatus | undefined): boolean {
  if (pod.metadata?.deletionTimestamp) return false;
  if (!newest || newest.state === 'created') return true;
  if (newest.state === 'running') return false;
  const policy = restartPolicyOf(pod, container);
  return policy === 'Always' || (policy === 'OnFailure' && newest.exitCode !== 0);
}

/** Whether a container that failed may run again (all policies but Never). */
export const restartsOnFailure = (pod: Pod, container: Container): boolean =>
  restartPolicyOf(pod, container) !== 'Never';
