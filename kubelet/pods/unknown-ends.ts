/**
 * The containers of a pod that has ended have ended too, also those of which nobody knows how, or which never were: upstream's
 * TerminatePod (pkg/kubelet/status). Pure.
 */
import type { Container, ContainerStatus, Pod } from '../../api/core/v1/pod';
import { isSidecar } from './restart-policy';

/** What stands for the end of a container that cannot be found any more. */
export const unknownEnd = {
  exitCode: 137,
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located when the pod was terminated',
};

const ended = (status: ContainerStatus): ContainerStatus =>
  status.state?.terminated ? status : { ...status, state: { terminated: unknownEnd } };

/** `pod` with the status that was known before. Containers that had to wait for others are left as they are. */
export function withUnknownEnds(
  pod: Pod,
  init: readonly ContainerStatus[],
  app: readonly ContainerStatus[],
): { init: ContainerStatus[]; app: ContainerStatus[] } {
  const reached = initReached(init);
  return {
    init: init.map((status, i) => (i < reached ? ended(status) : status)),
    app: wasInitialized(pod, init, app) ? app.map(ended) : [...app],
  };
}

/** How many init containers were started at least once; the first one counts always. */
function initReached(init: readonly ContainerStatus[]): number {
  const last = init.findLastIndex(({ state, lastState }) => !state?.waiting || lastState?.terminated);
  return Math.max(1, last + 1);
}

function wasInitialized(
  { spec, status }: Pod,
  init: readonly ContainerStatus[],
  app: readonly ContainerStatus[],
): boolean {
  const last: Container | undefined = spec?.initContainers?.at(-1);
  if (!last) return true;
  if (app.some(({ state, lastState }) => !state?.waiting || lastState?.terminated)) return true;
  const isLast = ({ name }: ContainerStatus): boolean => name === last.name;
  if (isSidecar(last)) return status?.initContainerStatuses?.find(isLast)?.started === true;
  return init.find(isLast)?.state?.terminated?.exitCode === 0;
}
