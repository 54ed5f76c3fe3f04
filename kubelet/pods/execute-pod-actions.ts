/** Does what `computePodActions` decided: one executor per action, so that a missing one does not compile. */
import type { Container, Pod } from '../../api/core/v1/pod';
import type { AllocationManager } from '../allocation/allocation-manager';
import type { MountedVolumes } from '../volumes/volume-manager';
import { type BackOff, formatGoDuration } from './back-off';
import type { PodAction } from './compute-pod-actions';
import type { WaitingReason } from './compute-pod-status';
import { fieldPathOf, formatPod } from './field-path';
import type { PodFacts } from './field-ref';
import { containerOf, killAllContainers, killContainer } from './kill-containers';
import { instancesOf, newestInstance, type PodRuntimeStatus } from './pod-runtime-status';
import { removeDead, removeSandboxes } from './remove-containers';
import { resizeContainers } from './resize-containers';
import { isSidecar } from './restart-policy';
import { createSandbox, type SandboxDeps } from './sandbox';
import { startContainer, StartError } from './start-container';
import { TerminationDeadline } from './termination-deadline';

export interface ExecuteDeps extends SandboxDeps {
  allocations: AllocationManager;
  backOff: BackOff;
  facts(pod: Pod, podIPs: string[]): PodFacts;
}

/** One run over the actions of a pod. `reasons` and `wakeAtMs` are its results. */
export interface Execution {
  pod: Pod;
  status: PodRuntimeStatus;
  volumes: MountedVolumes;
  signal: AbortSignal;
  /** The sandbox that containers join; a created one replaces it. */
  sandboxId: string;
  podIPs: string[];
  reasons: Map<string, WaitingReason>;
  wakeAtMs: number[];
}

type Executors = {
  [A in PodAction['type']]: (
    deps: ExecuteDeps,
    run: Execution,
    action: Extract<PodAction, { type: A }>,
  ) => Promise<void>;
};

/** How long a failed start waits when nothing says when to try again (upstream's backOffPeriod). */
const retryMs = 10_000;

const executors: Executors = {
  async killPod(deps, { pod, status, signal }, { recreate }) {
    if (recreate) {
      deps.recorder.event(pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
    }
    await killAllContainers(deps, pod, status, graceOf(deps, pod), { signal });
    await refreshAll(deps, status);
    await removeSandboxes(deps, status.sandboxes);
  },
  async createSandbox(deps, run, { attempt }) {
    // A pod whose sandbox died with its engine is made again by the next engine, not by the one that is going.
    await deps.runtime.ping();
    const { id, ips } = await createSandbox(deps, run.pod, attempt);
    run.sandboxId = id;
    run.podIPs = ips;
  },
  async killContainer(deps, { pod, podIPs, signal }, { containerId, message, graceSeconds }) {
    const status = deps.cache.container(containerId);
    if (!status) return;
    await killContainer(deps, { pod, status, podIp: podIPs[0] ?? '' }, graceOf(deps, pod, graceSeconds), {
      ...(message && { message }),
      signal,
    });
    await deps.cache.refresh(containerId);
  },
  async startContainer(deps, run, { container: name, kind, restartCount }) {
    const { pod, status } = run;
    const container = containerOf(pod, name);
    if (!container) return;
    // What died with its engine is restarted by the next engine, not by the one that is going.
    if (restartCount > 0) await deps.runtime.ping();
    const dead = instancesOf(status, name).find(({ state }) => state === 'exited');
    const nowMs = deps.clock.now();
    if (dead) deps.backOff.next(backOffKey(pod, container), dead.finishedAtMs ?? nowMs, nowMs);
    try {
      const { sandboxId, volumes, signal } = run;
      const facts = deps.facts(pod, run.podIPs);
      const idOf = (other: string): string | undefined => newestInstance(status, other)?.id;
      await startContainer(deps, { pod, container, restartCount, sandboxId, idOf, facts, volumes, signal });
      run.reasons.delete(name);
      // The next container waits for a sidecar's start, of which nobody else tells: the engine's word is not heeded.
      if (kind === 'init' && isSidecar(container)) run.wakeAtMs.push(deps.clock.now());
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      deps.log.debug({ err: error, pod: formatPod(pod), container: name }, 'The container did not start');
      run.reasons.set(name, { reason: error.reason, message: error.message });
      run.wakeAtMs.push(error.retryAtMs ?? deps.clock.now() + retryMs);
    }
  },
  async resizeContainers(deps, run, { updates }) {
    try {
      await resizeContainers(deps, updates);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      deps.log.debug({ err: error, pod: formatPod(run.pod) }, 'The containers could not be resized');
      deps.allocations.failed(run.pod, error.message);
      run.wakeAtMs.push(deps.clock.now() + retryMs);
    }
  },
  async backOff(deps, run, { container, delayMs, untilMs }) {
    const { pod } = run;
    const message = `Back-off restarting failed container ${container} in pod ${formatPod(pod)}`;
    // Once per back-off, not per look.
    if (run.reasons.get(container)?.reason !== 'CrashLoopBackOff') {
      deps.recorder.event(pod, 'Warning', 'BackOff', message, fieldPathOf(pod, container));
    }
    const text = `back-off ${formatGoDuration(delayMs)} restarting failed container=${container} pod=${formatPod(pod)}`;
    run.reasons.set(container, { reason: 'CrashLoopBackOff', message: text });
    run.wakeAtMs.push(untilMs);
  },
  async removeContainer(deps, _run, { containerId }) {
    await removeDead(deps, containerId);
  },
};

/** In order. What throws other than a failed start ends the run; the worker tries again. */
export async function executePodActions(deps: ExecuteDeps, run: Execution, actions: PodAction[]): Promise<void> {
  for (const action of actions) {
    run.signal.throwIfAborted();
    await executors[action.type](deps, run, action as never);
  }
}

export const backOffKey = (pod: Pod, container: Container): string =>
  `${pod.metadata?.uid}/${container.name}/${container.image}`;

function graceOf({ clock }: ExecuteDeps, { metadata, spec }: Pod, ofProbe?: number): TerminationDeadline {
  const seconds = metadata?.deletionGracePeriodSeconds ?? ofProbe ?? spec?.terminationGracePeriodSeconds ?? 30;
  return new TerminationDeadline(clock.now() + seconds * 1000, () => clock.now());
}

async function refreshAll({ cache }: ExecuteDeps, { containers }: PodRuntimeStatus): Promise<void> {
  await Promise.all(containers.filter(({ state }) => state === 'running').map(({ id }) => cache.refresh(id)));
}
