/** Which containers come back after their end: the pod's policy, and the containers' own policies and rules before it. */
import type { Container, Pod } from './types';

type RestartFields = Pick<Container, 'restartPolicy' | 'restartPolicyRules'>;
type Rule = NonNullable<Container['restartPolicyRules']>[number];

export function restartPolicyOf(pod: Pod, container: RestartFields): 'Always' | 'OnFailure' | 'Never' {
  return (container.restartPolicy ?? pod.spec?.restartPolicy ?? 'Always') as 'Always' | 'OnFailure' | 'Never';
}

/** Whether a container that ended with this code comes back. Upstream: ContainerShouldRestart. */
export function restartsAfter(pod: Pod, container: RestartFields, exitCode: number): boolean {
  // Rules count only beside a policy of the container's own.
  if (container.restartPolicy && container.restartPolicyRules?.some((rule) => matches(rule, exitCode))) return true;
  const policy = restartPolicyOf(pod, container);
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

function matches({ exitCodes }: Rule, exitCode: number): boolean {
  if (!exitCodes) return false;
  return (exitCodes.values ?? []).includes(exitCode) === (exitCodes.operator === 'In');
}
