/** Graceful ends: preStop, stop signal, the grace period, SIGKILL; sidecars last, in the reverse of their order. */
import type { Container, LifecycleHandler, Pod } from '../../api/core/v1/pod';
import type { EventRecorder } from '../../client/event-recorder';
import { abortable } from '../../component-base/abortable';
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import { labels } from '../runtime/labels';
import type { ContainerStatus, Runtime } from '../runtime/runtime';
import { fieldPathOf, formatPod } from './field-path';
import { runHook } from './lifecycle-hooks';
import type { PodRuntimeStatus } from './pod-runtime-status';
import { isSidecar } from './restart-policy';
import type { TerminationDeadline } from './termination-deadline';

export interface KillDeps {
  runtime: Runtime;
  recorder: EventRecorder;
  clock: Clock;
  log: Logger;
}

/** Upstream's minimumGracePeriodInSeconds. */
const minimumGraceSeconds = 2;

export interface KillTarget {
  /** Undefined for a pod that only its containers remember. */
  pod: Pod | undefined;
  status: ContainerStatus;
  podIp: string;
}

export interface KillOptions {
  /** The event's; default `Stopping container x`. */
  message?: string;
  /** No stop signal before it resolves; hooks do not wait for it. */
  signalAfter?: Promise<unknown>;
  /** Leaves the container as it is then: its hook is cut short, and its death no longer waited for. */
  signal?: AbortSignal;
}

/** Resolves when the container is dead. */
export async function killContainer(
  { runtime, recorder, clock, log }: KillDeps,
  { pod, status, podIp }: KillTarget,
  deadline: TerminationDeadline,
  { message, signalAfter, signal }: KillOptions = {},
): Promise<void> {
  const name = status.labels[labels.containerName] ?? '';
  const container = pod && containerOf(pod, name);
  if (pod) recorder.event(pod, 'Normal', 'Killing', message ?? `Stopping container ${name}`, fieldPathOf(pod, name));

  const preStop = container?.lifecycle?.preStop ?? preStopFromLabels(status);
  if (preStop && deadline.remainingMs > 0) {
    const stop = new AbortController();
    const cut = (): void => stop.abort(new Error('the grace period is over'));
    let cancel = clock.after(deadline.remainingMs, cut);
    const unlisten = deadline.onShortened(() => {
      cancel();
      cancel = clock.after(deadline.remainingMs, cut);
    });
    try {
      const target = {
        pod: pod ? formatPod(pod) : '',
        containerId: status.id,
        container: container ?? { name },
        podIp,
      };
      const cutBy = signal ? AbortSignal.any([stop.signal, signal]) : stop.signal;
      await abortable(runHook({ runtime, clock }, preStop, target, cutBy), cutBy);
    } catch (error) {
      signal?.throwIfAborted();
      log.debug({ err: error, container: name }, 'The preStop hook failed');
      if (pod && !stop.signal.aborted) {
        recorder.event(pod, 'Warning', 'FailedPreStopHook', 'PreStopHook failed', fieldPathOf(pod, name));
      }
    } finally {
      cancel();
      unlisten();
    }
  }

  await signalAfter;
  const graceSeconds = Math.max(minimumGraceSeconds, Math.ceil(deadline.remainingMs / 1000));
  let cancelKill = (): void => undefined;
  const unlisten = deadline.onShortened(() => {
    cancelKill();
    const waitMs = Math.max(deadline.remainingMs, minimumGraceSeconds * 1000);
    cancelKill = clock.after(waitMs, () => void runtime.killContainer(status.id, 'SIGKILL').catch(() => undefined));
  });
  try {
    await abortable(runtime.stopContainer(status.id, graceSeconds), signal);
  } finally {
    unlisten();
    cancelKill();
  }
}

/**
 * All running containers of the pod: the app's at once, then the sidecars one by one. Hooks do not wait for their container's turn
 * (upstream's terminationOrdering).
 */
export async function killAllContainers(
  deps: KillDeps,
  pod: Pod | undefined,
  runtime: PodRuntimeStatus,
  deadline: TerminationDeadline,
  options: KillOptions = {},
): Promise<void> {
  const running = runtime.containers.filter(({ state }) => state === 'running');
  const podIp = runtime.ips[0] ?? '';
  const sidecars = ((pod?.spec?.initContainers ?? []) as Container[]).filter(isSidecar).map(({ name }) => name);
  const orderOf = (status: ContainerStatus): number => sidecars.indexOf(status.labels[labels.containerName] ?? '');
  const kill = (status: ContainerStatus, signalAfter: Promise<unknown> | undefined): Promise<void> =>
    killContainer(deps, { pod, status, podIp }, deadline, { ...options, ...(signalAfter && { signalAfter }) });

  const kills = running.filter((status) => orderOf(status) < 0).map((status) => kill(status, options.signalAfter));
  const last = running.filter((status) => orderOf(status) >= 0).sort((a, b) => orderOf(b) - orderOf(a));
  for (const status of last) {
    const earlier = Promise.all([options.signalAfter, ...kills]);
    // It may fail while a hook still runs, before anybody waits for it.
    earlier.catch(() => undefined);
    kills.push(kill(status, earlier));
  }
  await Promise.all(kills);
}

export function containerOf(pod: Pod, name: string): Container | undefined {
  const { containers = [], initContainers = [], ephemeralContainers = [] } = pod.spec ?? {};
  const all = [...containers, ...initContainers, ...ephemeralContainers] as Container[];
  return all.find((container) => container.name === name);
}

function preStopFromLabels(status: ContainerStatus): LifecycleHandler | undefined {
  const text = status.labels[labels.preStopHandler];
  return text ? (JSON.parse(text) as LifecycleHandler) : undefined;
}
