/** From a service's target port to a container's port. Upstream: FindPort in `pkg/api/v1/pod/util.go`. */
import type { IntOrString } from '../../../meta/types';
import { isRestartableInitContainer } from './conditions';
import type { Pod } from './types';

/** The container port that `targetPort` means in this pod; undefined when no container declares that name and protocol. */
export function findPort(pod: Pod, targetPort: IntOrString | undefined, protocol = 'TCP'): number | undefined {
  if (typeof targetPort === 'number') return targetPort;
  const sidecars = (pod.spec?.initContainers ?? []).filter(isRestartableInitContainer);
  for (const container of [...(pod.spec?.containers ?? []), ...sidecars]) {
    const port = container.ports?.find(({ name, protocol: own = 'TCP' }) => name === targetPort && own === protocol);
    if (port) return port.containerPort;
  }
  return undefined;
}
