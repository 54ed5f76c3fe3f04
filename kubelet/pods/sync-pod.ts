/**
 * One pass over a pod that should run, and the two over one that should end: upstream's SyncPod, SyncTerminatingPod and
 * SyncTerminatedPod. Called by the pod's worker, never twice at once for the same pod.
 */
import type { Pod, PodStatus } from '../../api/core/v1/pod';
import { abortable } from '../../component-base/abortable';
import type { ProbeManager } from '../probes/probe-manager';
import { labels } from '../runtime/labels';
import { VolumeError } from '../volumes/payloads';
import type { TokenRequester } from '../volumes/token-manager';
import type { VolumeManager } from '../volumes/volume-manager';
import { computePodActions, type PodAction } from './compute-pod-actions';
import { kubeletConditions } from './pod-conditions';
import { computePodStatus, isFinal, type StatusInput, type WaitingReason, withoutEnd } from './compute-pod-status';
import { isLeavingServices, waitForEndpoints } from './endpoint-grace';
import { backOffKey, type ExecuteDeps, type Execution, executePodActions } from './execute-pod-actions';
import { containerOf, killAllContainers } from './kill-containers';
import { hasResources } from './plan-resizes';
import { hasRunning, type PodRuntimeStatus } from './pod-runtime-status';
import { removeContainers, removeSandboxes } from './remove-containers';
import type { TerminationDeadline } from './termination-deadline';

export type Verdict = NonNullable<StatusInput['verdict']>;

export interface SyncDeps extends ExecuteDeps {
  volumes: VolumeManager;
  probes: ProbeManager;
  token: TokenRequester;
  /** Follows the config maps and secrets the pod names. */
  track(pod: Pod): void;
  release(uid: string): void;
  setStatus(pod: Pod, status: PodStatus): void;
  /** The status last set, which may be ahead of the API's. */
  lastStatus(uid: string): PodStatus | undefined;
}

export interface PodIdentity {
  uid: string;
  name: string;
  namespace: string;
}

export interface SyncResult {
  /** When to look again; undefined leaves it to events and the periodic sync. */
  wakeAtMs: number | undefined;
  /** The pod has come to its end by itself. */
  ended: boolean;
}

export interface StatusView {
  reasons: ReadonlyMap<string, WaitingReason>;
  terminal?: boolean;
  verdict?: Verdict;
}

/** The status as it is now; the API is told in the background, of a pod's end only once no container runs any more. */
export function reportStatus(deps: SyncDeps, pod: Pod, runtime: PodRuntimeStatus, view: StatusView): PodStatus {
  const known = withLastStatus(pod, deps.lastStatus(pod.metadata?.uid ?? ''));
  const status = computePodStatus({
    pod: known,
    runtime,
    resizeConditions: deps.allocations.conditions(pod),
    reasons: view.reasons,
    probes: deps.probes,
    hostIPs: deps.hostIPs(),
    nowMs: deps.clock.now(),
    ...(view.terminal && { terminal: true }),
    ...(view.verdict && { verdict: view.verdict }),
    imageIdOf: (id) => deps.images.imageIdOf(id),
  });
  const runs = runtime.containers.some(({ state }) => state === 'running');
  deps.setStatus(pod, runs ? withoutEnd(status, known.status) : status);
  return status;
}

/** Transition times go on from what was set last, conditions of others from the API. */
function withLastStatus(pod: Pod, last: PodStatus | undefined): Pod {
  if (!last) return pod;
  const own = (last.conditions ?? []).filter(({ type }) => kubeletConditions.includes(type));
  const others = (pod.status?.conditions ?? []).filter(({ type }) => !kubeletConditions.includes(type));
  const qosClass = pod.status?.qosClass && { qosClass: pod.status.qosClass };
  return { ...pod, status: { ...last, ...qosClass, conditions: [...own, ...others] } };
}

/** `reasons` live as long as the worker: why containers wait. */
export async function syncPod(
  deps: SyncDeps,
  pod: Pod,
  identity: PodIdentity,
  reasons: Map<string, WaitingReason>,
  signal: AbortSignal,
): Promise<SyncResult> {
  deps.track(pod);
  let runtime = deps.cache.status(identity);
  deps.probes.addPod(pod);
  noteResized(deps, pod, runtime);
  if (isFinal(reportStatus(deps, pod, runtime, { reasons }))) return { wakeAtMs: undefined, ended: true };

  const problem = pod.spec?.hostNetwork ? undefined : deps.network.problem();
  if (problem) {
    deps.recorder.event(pod, 'Warning', 'NetworkNotReady', `network is not ready: ${problem}`);
    return { wakeAtMs: deps.clock.now() + 1000, ended: false };
  }
  const volumes = await setUpVolumes(deps, pod, runtime, signal);
  signal.throwIfAborted();

  runtime = deps.cache.status(identity);
  const actions = computePodActions({
    pod,
    status: runtime,
    nowMs: deps.clock.now(),
    backOffMs(name, endedMs) {
      const container = containerOf(pod, name);
      return container ? deps.backOff.get(backOffKey(pod, container), endedMs) : 0;
    },
    failedProbe: (id) => deps.probes.failed(id),
    isResizing: deps.allocations.isResizing(pod),
    isStarted: (container, id) => deps.probes.isStarted(container, id),
  });
  const run: Execution = {
    pod,
    status: runtime,
    volumes,
    signal,
    sandboxId: runtime.sandboxes[0]?.id ?? '',
    podIPs: pod.spec?.hostNetwork ? deps.hostIPs() : runtime.ips,
    reasons,
    wakeAtMs: [],
  };
  if (actions.length > 0) deps.log.debug({ pod: `${identity.namespace}/${identity.name}`, actions }, 'Pod actions');
  const isRemoval = ({ type }: PodAction): boolean => type === 'removeContainer';
  await executePodActions(
    deps,
    run,
    actions.filter((action) => !isRemoval(action)),
  );
  runtime = deps.cache.status(identity);
  noteResized(deps, pod, runtime);
  const status = reportStatus(deps, pod, runtime, { reasons });
  // The status no longer names what goes now: whoever asks for the previous log gets one that stays.
  await executePodActions(deps, run, actions.filter(isRemoval));
  return { wakeAtMs: run.wakeAtMs.length ? Math.min(...run.wakeAtMs) : undefined, ended: isFinal(status) };
}

/** Before the status tells of it. What was granted during this pass is for the next one to carry out. */
function noteResized({ allocations }: SyncDeps, pod: Pod, runtime: PodRuntimeStatus): void {
  const given = allocations.podOf(pod);
  if (allocations.isResizing(pod) && hasResources(given, runtime)) allocations.completed(given);
}

async function setUpVolumes(deps: SyncDeps, pod: Pod, runtime: PodRuntimeStatus, signal: AbortSignal) {
  const namespace = pod.metadata?.namespace ?? '';
  try {
    // A pod that is deleted while it waits for the API must not wait on.
    return await deps.volumes.setUp(pod, {
      facts: deps.facts(pod, runtime.ips),
      configMap: (name) => abortable(deps.configMap(namespace, name), signal),
      secret: (name) => abortable(deps.secret(namespace, name), signal),
      token: (...request) => abortable(deps.token(...request), signal),
    });
  } catch (error) {
    const failures: unknown[] = error instanceof AggregateError && !signal.aborted ? error.errors : [];
    for (const failure of failures) {
      if (failure instanceof VolumeError) deps.recorder.event(pod, 'Warning', 'FailedMount', failure.message);
    }
    throw error;
  }
}

/** Ends everything of the pod gracefully; resolves when nothing runs. `pod` is undefined when only containers remember it. */
export async function syncTerminatingPod(
  deps: SyncDeps,
  pod: Pod | undefined,
  identity: PodIdentity,
  view: StatusView,
  deadline: TerminationDeadline,
): Promise<void> {
  const runtime = deps.cache.status(identity);
  deps.probes.terminating(identity.uid);
  // A terminal phase is told only once nothing runs any more.
  if (pod && hasRunning(runtime)) reportStatus(deps, pod, runtime, { reasons: view.reasons });
  const isLeaving = pod && isLeavingServices(withLastStatus(pod, deps.lastStatus(identity.uid)), deps.services());
  const signalAfter = isLeaving ? waitForEndpoints(deps.clock, deadline) : undefined;
  await killAllContainers(deps, pod, runtime, deadline, { ...(signalAfter && { signalAfter }) });
  await Promise.all(
    runtime.containers.filter(({ state }) => state === 'running').map(({ id }) => deps.cache.refresh(id)),
  );
  const left = deps.cache.status(identity).containers.filter(({ state }) => state === 'running');
  if (left.length > 0) throw new Error(`${left.length} containers still run`);
  deps.probes.removePod(identity.uid);
  const { containers } = deps.cache.status(identity);
  const deleted = !pod || pod.metadata?.deletionTimestamp !== undefined;
  await Promise.all([removeSandboxes(deps, runtime.sandboxes), deleted && removeContainers(deps, containers)]);
  const rest = deps.cache.status(identity);
  // The last status tells how containers ended that may be gone by now.
  if (pod) reportStatus(deps, pod, { ...rest, containers }, { ...view, terminal: true });
  if (hasRunning(rest)) throw new Error('a sandbox still runs');
}

/** Frees what a finished pod holds. A deleted one loses its containers and logs too, in parallel. */
export async function syncTerminatedPod(deps: SyncDeps, identity: PodIdentity, deleted: boolean): Promise<void> {
  deps.release(identity.uid);
  deps.backOff.reset(`${identity.uid}/`);
  if (!deleted) return;
  const { containers, sandboxes } = deps.cache.status(identity);
  await Promise.all([removeSandboxes(deps, sandboxes), removeContainers(deps, containers)]);
  await deps.volumes.cleanUp(identity.uid);
}

/** The grace that a container's labels remember, for pods whose API object is gone. */
export function labelledGraceSeconds(runtime: PodRuntimeStatus): number {
  const [any] = [...runtime.containers, ...runtime.sandboxes];
  return Number(any?.labels[labels.podTerminationGracePeriod] ?? 30) || 0;
}
