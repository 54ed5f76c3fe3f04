/** Container statuses as the API shows them: upstream's convertToAPIContainerStatuses and the prober's readiness. */
import type { Container, ContainerState, ContainerStatus, ResourceRequirements } from '../../api/core/v1/pod';
import { formatTime } from '../../component-base/clock';
import type { ContainerStatus as EngineStatus } from '../runtime/runtime';
import type { StatusInput } from './compute-pod-status';
import type { ContainerKind } from './compute-pod-actions';
import { actualResources } from './actual-resources';
import { instancesOf, restartCountOf } from './pod-runtime-status';
import { isSidecar, shouldBeRestarted } from './restart-policy';
import { unknownEnd } from './unknown-ends';

/** What the probes say of a container's instance. */
export interface ProbeView {
  isReady(container: Container, containerId: string): boolean;
  isStarted(container: Container, containerId: string): boolean;
}

export function computeContainerStatuses(
  input: StatusInput,
  containers: Container[],
  kind: ContainerKind,
): ContainerStatus[] {
  const statuses = containers.map((container) => {
    const status = observedStatus(input, container, kind);
    applyWaitingReason(input, container, kind, status);
    applyReadiness(input, container, kind, status);
    return { ...status, ...volumeMountsOf(container) };
  });
  // Init containers keep the order of the spec, the others are sorted by name, as upstream does.
  return kind === 'init' ? statuses : statuses.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** But for a resize that is under way, containers have what they were given. */
const resourcesOf = (
  { resizeConditions }: StatusInput,
  container: Container,
  newest: EngineStatus,
  old: ContainerStatus | undefined,
): ResourceRequirements =>
  resizeConditions.length > 0 ? actualResources(container, newest, old?.resources) : (container.resources ?? {});

/** A mount that is read-only at its top may be writable below: the engine is never asked for more. */
function volumeMountsOf({ volumeMounts }: Container): Pick<ContainerStatus, 'volumeMounts'> {
  if (!volumeMounts?.length) return {};
  return {
    volumeMounts: volumeMounts.map(({ name, mountPath, readOnly }) => ({
      name,
      mountPath,
      ...(readOnly && { readOnly, recursiveReadOnly: 'Disabled' }),
    })),
  };
}

const idPrefix = 'docker://';

function observedStatus(input: StatusInput, container: Container, kind: ContainerKind): ContainerStatus {
  const [newest, ...earlier] = instancesOf(input.runtime, container.name).filter(({ state }) => state !== 'created');
  const old = oldStatus(input, container.name, kind);
  if (!newest) return unobserved(input, container, kind, old);
  const previous = earlier.find(({ state }) => state === 'exited');
  const lastState = previous ? { terminated: terminatedState(previous) } : restoredLastState(old, newest);
  return {
    name: container.name,
    state: newest.state === 'running' ? runningState(newest) : { terminated: terminatedState(newest) },
    lastState: lastState ?? {},
    ready: false,
    restartCount: restartCountOf(newest),
    image: newest.image,
    imageID: (old?.containerID === idPrefix + newest.id && old.imageID) || input.imageIdOf(newest.imageId),
    containerID: idPrefix + newest.id,
    ...(kind !== 'ephemeral' && {
      resources: resourcesOf(input, container, newest, old),
      ...(container.resources?.requests && { allocatedResources: container.resources.requests }),
    }),
  };
}

/** No instance is left or was ever there: wait, unless the API knows that it ended. */
function unobserved(
  { pod, terminal }: StatusInput,
  container: Container,
  kind: ContainerKind,
  old: ContainerStatus | undefined,
): ContainerStatus {
  const hasInit = (pod.spec?.initContainers?.length ?? 0) > 0;
  const reason = hasInit && kind !== 'ephemeral' ? 'PodInitializing' : 'ContainerCreating';
  const base: ContainerStatus = {
    name: container.name,
    state: { waiting: { reason } },
    lastState: old?.lastState ?? {},
    ready: false,
    restartCount: old?.restartCount ?? 0,
    image: container.image ?? '',
    imageID: old?.imageID ?? '',
    ...(old?.containerID && { containerID: old.containerID }),
  };
  if (old?.state?.terminated) {
    // Removed after it ended: its end stands, and comes back as the last state once it is restarted.
    return { ...base, state: old.state };
  }
  if (old?.state?.running) {
    if (pod.metadata?.deletionTimestamp || terminal) return { ...base, state: { terminated: unknownEnd } };
    const message = 'The container could not be located when the pod was deleted.  The container used to be Running';
    return { ...base, lastState: { terminated: { ...unknownEnd, message } } };
  }
  return base;
}

function oldStatus({ pod }: StatusInput, name: string, kind: ContainerKind): ContainerStatus | undefined {
  const { containerStatuses, initContainerStatuses, ephemeralContainerStatuses } = pod.status ?? {};
  const list = { app: containerStatuses, init: initContainerStatuses, ephemeral: ephemeralContainerStatuses }[kind];
  return list?.find((status) => status.name === name);
}

/** The previous instance was removed: what the API last said of it still holds for the same instance. */
function restoredLastState(old: ContainerStatus | undefined, newest: EngineStatus): ContainerState | undefined {
  const id = idPrefix + newest.id;
  if (old?.containerID !== id) return old?.state?.terminated ? old.state : undefined;
  // While a container waits to be restarted, its end is the last state. It is that no more when it is left dead.
  return old.lastState?.terminated?.containerID === id ? undefined : old.lastState;
}

const runningState = (status: EngineStatus): ContainerState => ({
  running: { startedAt: formatTime(status.startedAtMs ?? status.createdAtMs) },
});

function terminatedState(status: EngineStatus): NonNullable<ContainerState['terminated']> {
  const exitCode = status.exitCode ?? 137;
  const neverStarted = status.startedAtMs === undefined;
  let reason = exitCode === 0 ? 'Completed' : 'Error';
  if (status.oomKilled) reason = 'OOMKilled';
  else if (neverStarted && status.error) reason = 'ContainerCannotRun';
  const message = status.terminationMessage ?? (neverStarted ? status.error : undefined);
  return {
    exitCode,
    reason,
    ...(message && { message }),
    startedAt: formatTime(status.startedAtMs ?? status.createdAtMs),
    finishedAt: formatTime(status.finishedAtMs ?? status.createdAtMs),
    containerID: idPrefix + status.id,
  };
}

/** A container that should run but could not be started waits, and its end becomes the last state. */
function applyWaitingReason(
  input: StatusInput,
  container: Container,
  kind: ContainerKind,
  status: ContainerStatus,
): void {
  const reason = input.reasons.get(container.name);
  if (!reason || input.terminal || status.state?.running) return;
  const newest = instancesOf(input.runtime, container.name)[0];
  const initDone = kind === 'init' && !isSidecar(container) && newest?.exitCode === 0;
  if (initDone || !shouldBeRestarted(input.pod, container, newest)) return;
  if (status.state?.terminated) status.lastState = status.state;
  status.state = { waiting: { reason: reason.reason, ...(reason.message && { message: reason.message }) } };
}

function applyReadiness(input: StatusInput, container: Container, kind: ContainerKind, status: ContainerStatus): void {
  const id = status.containerID?.slice(idPrefix.length) ?? '';
  const running = status.state?.running !== undefined;
  if (kind === 'ephemeral') return;
  if (kind === 'init' && !isSidecar(container)) {
    status.ready = status.state?.terminated?.exitCode === 0;
    status.started = running;
    return;
  }
  status.started = running && input.probes.isStarted(container, id);
  status.ready = status.started && input.probes.isReady(container, id);
}
