/**
 * Decides what must happen to a pod's sandbox and containers: the kubelet's heart, and pure. The rules are those of upstream's
 * `kuberuntime_manager.computePodActions`, sidecars included. Read this to learn why a container was restarted.
 */
import { type Container, type Pod, restartsAfter } from '../../api/core/v1/pod';
import { hashContainer, labels, numberLabel } from '../runtime/labels';
import type { ContainerStatus } from '../runtime/runtime';
import { instancesOf, newestInstance, type PodRuntimeStatus, restartCountOf } from './pod-runtime-status';
import { type ContainerUpdate, planResizes, requiresRestart } from './plan-resizes';
import { isSidecar, mayBeRestarted, restartsOnFailure, shouldBeRestarted } from './restart-policy';

export type ContainerKind = 'init' | 'app' | 'ephemeral';

export type PodAction =
  /** Stops every container and tears the sandbox down. `recreate` says that a new one follows. */
  | { type: 'killPod'; recreate: boolean }
  | { type: 'createSandbox'; attempt: number }
  | { type: 'killContainer'; containerId: string; container: string; message: string; graceSeconds?: number }
  | { type: 'startContainer'; container: string; kind: ContainerKind; restartCount: number }
  /** It crashed lately: `delayMs` from its end must pass; the worker comes back at `untilMs`. */
  | { type: 'backOff'; container: string; kind: ContainerKind; delayMs: number; untilMs: number }
  /** Running containers get other resources without a restart. */
  | { type: 'resizeContainers'; updates: ContainerUpdate[] }
  /** A dead instance that nobody needs any more. */
  | { type: 'removeContainer'; containerId: string };

export interface PlanInput {
  pod: Pod;
  status: PodRuntimeStatus;
  nowMs: number;
  /** The back-off of a container that ended then; 0 when it had not crashed lately. */
  backOffMs(container: string, endedMs: number): number;
  /** Containers whose probe says that they must die. */
  failedProbe(containerId: string): 'liveness' | 'startup' | undefined;
  /** The pod was given other resources, which its containers may not have yet. */
  isResizing: boolean;
  /** False while a startup probe has not succeeded yet. */
  isStarted(container: Container, containerId: string): boolean;
}

export function computePodActions(input: PlanInput): PodAction[] {
  const { pod, status } = input;
  const spec = pod.spec;
  if (!spec) return [];
  const init = (spec.initContainers ?? []) as Container[];
  const sandbox = sandboxToUse(input);
  const garbage = computeGarbage(status);

  if (!sandbox.ready) {
    const wanted = spec.containers.filter((container) => mayRunInNewSandbox(input, container));
    const isRestart = sandbox.attempt > 0 && status.containers.length > 0;
    const refused = isRestart && spec.containers.every((c) => !mayBeRestarted(pod, c));
    if (refused || wanted.length === 0) return status.sandboxes[0]?.state === 'running' ? [killPod(false)] : garbage;
    const actions: PodAction[] = status.sandboxes.length > 0 ? [killPod(true)] : [];
    actions.push({ type: 'createSandbox', attempt: sandbox.attempt });
    const first = init[0];
    if (first) actions.push(start(input, first, 'init'));
    else for (const container of wanted) actions.push(start(input, container, 'app'));
    return actions;
  }

  const plan = computeInitActions(input, init, sandbox.id);
  const actions: PodAction[] = [...computeEphemeral(input), ...plan.actions];
  if (plan.failed) return [killPod(false), ...garbage];
  if (!plan.initialized) return [...actions, ...garbage];

  const updates = input.isResizing ? planResizes(pod, status) : [];
  if (updates.length > 0) actions.push({ type: 'resizeContainers', updates });
  let alive = 0;
  for (const container of spec.containers as Container[]) {
    const steps = computeContainerActions(input, container, 'app');
    if (steps.length || newestInstance(status, container.name)?.state === 'running') alive += 1;
    actions.push(...steps);
  }
  // Nothing runs and nothing will: the sidecars and the sandbox go too.
  if (alive === 0) return [killPod(false), ...garbage];
  return [...actions, ...garbage];
}

const killPod = (recreate: boolean): PodAction => ({ type: 'killPod', recreate });

/** Upstream's PodSandboxChanged: no sandbox, a dead one, two live ones, or the wrong network mean a new one. */
function sandboxToUse({ pod, status }: PlanInput): { ready: true; id: string } | { ready: false; attempt: number } {
  const [newest] = status.sandboxes;
  if (!newest) return { ready: false, attempt: 0 };
  const running = status.sandboxes.filter(({ state }) => state === 'running');
  const attempt = numberLabel(newest.labels, labels.attempt);
  // Created, but never started: the kubelet died in between. The same name is adopted.
  if (newest.state === 'created') return { ready: false, attempt };
  const hostNetwork = pod.spec?.hostNetwork === true;
  const sameNetwork = (newest.labels[labels.hostNetwork] === 'true') === hostNetwork;
  const hasAddress = hostNetwork || status.ips.length > 0;
  if (running.length === 1 && newest.state === 'running' && sameNetwork && hasAddress)
    return { ready: true, id: newest.id };
  return { ready: false, attempt: attempt + 1 };
}

/** In a new sandbox everything runs again, but for what succeeded under OnFailure and what may not come back. */
function mayRunInNewSandbox({ pod, status }: PlanInput, container: Container): boolean {
  const newest = newestInstance(status, container.name);
  return newest?.state === 'running' || shouldBeRestarted(pod, container, newest);
}

interface InitPlan {
  actions: PodAction[];
  initialized: boolean;
  /** An init container failed and may not run again. */
  failed?: boolean;
}

/**
 * Init containers run one after the other; sidecars among them stay. Going backwards, the last one that has an instance in
 * this sandbox tells how far the pod is; everything before it has been initialized.
 */
function computeInitActions(input: PlanInput, init: Container[], sandboxId: string): InitPlan {
  const { pod, status } = input;
  if (init.length === 0) return { actions: [], initialized: true };
  const inSandbox = status.containers.filter((container) => container.labels[labels.sandboxId] === sandboxId);
  const instance = (name: string): ContainerStatus | undefined =>
    inSandbox.find((container) => container.labels[labels.containerName] === name);
  const appStarted = pod.spec?.containers.some((container) => instance(container.name) !== undefined) ?? false;

  const actions: PodAction[] = [];
  let initialized = appStarted;
  let later = appStarted;
  let found = appStarted;
  for (let i = init.length - 1; i >= 0; i -= 1) {
    const container = init[i] as Container;
    const current = instance(container.name);
    if (!current) {
      if (later && isSidecar(container)) actions.unshift(...computeContainerActions(input, container, 'init'));
      continue;
    }
    found = true;
    const isLast = i === init.length - 1;
    const step = later ? 'done' : initStep(input, container, current);
    if (step === 'failed') return { actions: [], initialized: false, failed: true };
    if (step === 'done' && !later) {
      if (isLast) initialized = true;
      else actions.push(startOrBackOff(input, init[i + 1] as Container, 'init'));
    }
    if (isSidecar(container)) actions.unshift(...computeContainerActions(input, container, 'init'));
    else if (step === 'again') actions.push(startOrBackOff(input, container, 'init'));
    later = true;
  }
  if (!found) actions.push(startOrBackOff(input, init[0] as Container, 'init'));
  return { actions, initialized };
}

/** How far the init container that the pod is at has come. */
function initStep(
  { pod, isStarted }: PlanInput,
  container: Container,
  current: ContainerStatus,
): 'wait' | 'done' | 'again' | 'failed' {
  if (isSidecar(container)) return current.state === 'running' && isStarted(container, current.id) ? 'done' : 'wait';
  if (current.state === 'running') return 'wait';
  if (current.state === 'created') return 'again';
  if (current.exitCode === 0) return 'done';
  return restartsAfter(pod, container, current.exitCode ?? 137) ? 'again' : 'failed';
}

/** Ephemeral containers start once and never again. */
function computeEphemeral(input: PlanInput): PodAction[] {
  const containers = (input.pod.spec?.ephemeralContainers ?? []) as Container[];
  return containers
    .filter(({ name }) => (newestInstance(input.status, name)?.state ?? 'created') === 'created')
    .map((container) => start(input, container, 'ephemeral'));
}

/** An app container or an initialized sidecar: keep, restart, or leave dead. */
function computeContainerActions(input: PlanInput, container: Container, kind: ContainerKind): PodAction[] {
  const { pod, status, failedProbe } = input;
  const newest = newestInstance(status, container.name);
  if (newest?.state !== 'running') {
    return shouldBeRestarted(pod, container, newest) ? [startOrBackOff(input, container, kind)] : [];
  }
  const probe = failedProbe(newest.id);
  const changed = newest.labels[labels.hash] !== hashContainer(container);
  if (!changed && !probe) {
    if (!input.isResizing || !requiresRestart(container, newest)) return [];
    const message = `Container ${container.name} resize requires restart`;
    return [
      { type: 'killContainer', containerId: newest.id, container: container.name, message },
      startOrBackOff(input, container, kind),
    ];
  }
  const restart = changed || restartsOnFailure(pod, container);
  const why = changed
    ? `Container ${container.name} definition changed`
    : `Container ${container.name} failed ${probe} probe`;
  const message = restart ? `${why}, will be restarted` : why;
  const graceSeconds = probe && container[`${probe}Probe`]?.terminationGracePeriodSeconds;
  const kill: PodAction = {
    type: 'killContainer',
    containerId: newest.id,
    container: container.name,
    message,
    ...(graceSeconds !== undefined && { graceSeconds }),
  };
  return restart ? [kill, startOrBackOff(input, container, kind)] : [kill];
}

/** Upstream's doBackOff: the delay counts from the end of the newest dead instance. */
function startOrBackOff(input: PlanInput, container: Container, kind: ContainerKind): PodAction {
  const newest = newestInstance(input.status, container.name);
  const dead = instancesOf(input.status, container.name).find(({ state }) => state === 'exited');
  const endedMs = dead?.finishedAtMs ?? -Infinity;
  const delayMs = dead ? input.backOffMs(container.name, endedMs) : 0;
  const untilMs = endedMs + delayMs;
  if (newest?.state !== 'created' && delayMs > 0 && input.nowMs < untilMs) {
    return { type: 'backOff', container: container.name, kind, delayMs, untilMs };
  }
  return start(input, container, kind);
}

/** The restart count goes on from the newest instance, or from the API's status when no instance is left. */
function start({ pod, status }: PlanInput, container: Container, kind: ContainerKind): PodAction {
  const newest = newestInstance(status, container.name);
  const reported = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].find(
    ({ name, containerID }) => name === container.name && containerID,
  );
  const fromInstance = newest && (newest.state === 'created' ? restartCountOf(newest) : restartCountOf(newest) + 1);
  const restartCount = fromInstance ?? (reported ? (reported.restartCount ?? 0) + 1 : 0);
  return { type: 'startContainer', container: container.name, kind, restartCount };
}

/** Of each container the newest dead instance is kept, for `logs --previous` and the last state; of sandboxes the newest. */
function computeGarbage(status: PodRuntimeStatus): PodAction[] {
  const names = new Set(status.containers.map((container) => container.labels[labels.containerName] ?? ''));
  const dead = [...names].flatMap((name) =>
    instancesOf(status, name)
      .filter(({ state }) => state === 'exited')
      .slice(1),
  );
  const sandboxes = status.sandboxes.slice(1).filter(({ state }) => state !== 'running');
  return [...dead, ...sandboxes].map(({ id }) => ({ type: 'removeContainer', containerId: id }));
}
