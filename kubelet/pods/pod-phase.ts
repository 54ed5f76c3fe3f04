/** A pod's phase from its containers: upstream's getPhase. */
import type { Container, ContainerStatus, Pod } from '../../api/core/v1/pod';
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
  for (const container of init) {
    const status = byName(initStatuses, container.name);
    if (!status) pendingInit += 1;
    else if (isSidecar(container)) {
      if (!status.started && !status.state?.terminated && !status.lastState?.terminated) pendingInit += 1;
    } else if (status.state?.running) pendingInit += 1;
    else if (status.state?.terminated) failedInit += status.state.terminated.exitCode === 0 ? 0 : 1;
    else if (status.lastState?.terminated) failedInit += status.lastState.terminated.exitCode === 0 ? 0 : 1;
    else pendingInit += 1;
  }

  let running = 0;
  let waiting = 0;
  let stopped = 0;
  let succeeded = 0;
  let unknown = 0;
  for (const { name } of pod.spec?.containers ?? []) {
    const status = byName(statuses, name);
    if (status?.state?.running) running += 1;
    else if (status?.state?.terminated) {
      stopped += 1;
      if (status.state.terminated.exitCode === 0) succeeded += 1;
    } else if (status?.state?.waiting) {
      // A restarted container that waits for its back-off counts as stopped.
      if (status.lastState?.terminated) stopped += 1;
      else waiting += 1;
    } else unknown += 1;
  }

  const policy = pod.spec?.restartPolicy ?? 'Always';
  if (failedInit > 0 && policy === 'Never') return 'Failed';
  if (terminal && unknown + waiting + running + stopped > 0) {
    return stopped > 0 && stopped === succeeded && waiting + running === 0 ? 'Succeeded' : 'Failed';
  }
  if (pendingInit > 0 || (failedInit > 0 && stopped + running === 0)) return 'Pending';
  if (waiting > 0) return 'Pending';
  if (running > 0 && unknown === 0) return 'Running';
  if (running === 0 && stopped > 0 && unknown === 0) {
    if (policy === 'Always') return 'Running';
    if (stopped === succeeded) return 'Succeeded';
    return policy === 'Never' ? 'Failed' : 'Running';
  }
  return 'Pending';
}
