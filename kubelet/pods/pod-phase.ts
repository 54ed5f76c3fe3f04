/** A pod's phase from its containers: upstream's getPhase. */
import { type Container, type ContainerStatus, type Pod, restartsAfter } from '../../api/core/v1/pod';
import { isSidecar } from './restart-policy';

type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export function computePhase(
  pod: Pod,
  statuses: ContainerStatus[],
  initStatuses: ContainerStatus[],
  terminal: boolean,
): Phase {
  const init = (pod.spec?.initContainers ?? []) as Container[];
  const byName = (list: ContainerStatus[], name: string): ContainerStatus | undefined =>
    list.find((status) => status.name === name);

  let pendingInit = 0;
  let failedInit = 0;
  let failedInitForGood = 0;
  for (const container of init) {
    const status = byName(initStatuses, container.name);
    if (!status) pendingInit += 1;
    else if (isSidecar(container)) {
      if (!status.started && !status.state?.terminated && !status.lastState?.terminated) pendingInit += 1;
    } else if (status.state?.running) pendingInit += 1;
    else {
      const exitCode = exitCodeOf(status);
      if (exitCode === undefined) pendingInit += 1;
      else if (exitCode !== 0) {
        failedInit += 1;
        if (!restartsAfter(pod, container, exitCode)) failedInitForGood += 1;
      }
    }
  }

  let running = 0;
  let waiting = 0;
  let stopped = 0;
  let stoppedForGood = 0;
  let succeeded = 0;
  let unknown = 0;
  for (const container of pod.spec?.containers ?? []) {
    const status = byName(statuses, container.name);
    // One that waits for its back-off counts as stopped.
    const exitCode = status && exitCodeOf(status);
    if (status?.state?.running) running += 1;
    else if (exitCode !== undefined) {
      stopped += 1;
      if (!restartsAfter(pod, container, exitCode)) stoppedForGood += 1;
      if (status?.state?.terminated && exitCode === 0) succeeded += 1;
    } else if (status?.state?.waiting) waiting += 1;
    else unknown += 1;
  }

  if (failedInitForGood > 0) return 'Failed';
  if (terminal && unknown + waiting + running + stopped > 0) {
    return stopped > 0 && stopped === succeeded && waiting + running === 0 ? 'Succeeded' : 'Failed';
  }
  if (pendingInit > 0 || (failedInit > 0 && stopped + running === 0)) return 'Pending';
  if (waiting > 0) return 'Pending';
  if (running > 0 && unknown === 0) return 'Running';
  if (running === 0 && stopped > 0 && unknown === 0) {
    if (stopped !== stoppedForGood) return 'Running';
    return stopped === succeeded ? 'Succeeded' : 'Failed';
  }
  return 'Pending';
}

/** How a container that does not run ended last. */
const exitCodeOf = ({ state, lastState }: ContainerStatus): number | undefined =>
  (state?.terminated ?? (state?.running ? undefined : lastState?.terminated))?.exitCode;
