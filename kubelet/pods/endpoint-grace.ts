/**
 * The moment between a pod's deletion and its stop signal. Services learn of the deletion when the kubelet does, but need a few
 * watch events until nobody sends new connections; one that is in the listen queue when the process closes its port is reset.
 * So a ready pod that a Service selects gets its signal a little later, within its grace period. Upstream leaves this to
 * `preStop: {sleep: …}`.
 */
import type { Pod } from '../../api/core/v1/pod';
import { isPodReady } from '../../api/core/v1/pod/conditions';
import type { Service } from '../../api/core/v1/service';
import type { Clock } from '../../component-base/clock';
import type { TerminationDeadline } from './termination-deadline';

const endpointGraceMs = 500;

/** Whether connections may be on their way to the pod: it is deleted, was ready, and a Service leads to it. */
export function isLeavingServices(pod: Pod, services: readonly Service[]): boolean {
  const { namespace, labels = {}, deletionTimestamp } = pod.metadata ?? {};
  if (!deletionTimestamp || !isPodReady(pod)) return false;
  return services.some(({ metadata, spec }) => {
    const selector = Object.entries(spec?.selector ?? {});
    return (
      metadata?.namespace === namespace &&
      selector.length > 0 &&
      selector.every(([key, value]) => labels[key] === value)
    );
  });
}

/** Resolves when the signal may be sent. A deletion with a shorter grace meanwhile cuts it. */
export function waitForEndpoints(clock: Clock, deadline: TerminationDeadline): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      unlisten();
      resolve();
    };
    const cancel = clock.after(Math.min(endpointGraceMs, deadline.remainingMs), finish);
    const unlisten = deadline.onShortened(finish);
  });
}
