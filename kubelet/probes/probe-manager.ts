/**
 * The probes of all pods on the node and what they last said. After a restart of the kubelet each container keeps the ready and
 * started that the API last heard, until a probe says otherwise.
 */
import { type Container, containersOf, type Pod, type Probe } from '../../api/core/v1/pod';
import type { EventRecorder } from '../../client/event-recorder';
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import { fieldPathOf } from '../pods/field-path';
import { isSidecar } from '../pods/restart-policy';
import type { ContainerStatus, Runtime } from '../runtime/runtime';
import { type ProbeKind, type ProbeWorker, startProbeWorker } from './probe-worker';
import { runProbe } from './prober';

export interface ProbeManager {
  addPod(pod: Pod): void;
  /** Takes over what the API last heard of the containers that run. */
  seed(pod: Pod): void;
  /** The container runs since now: its first probes are due. */
  containerStarted(pod: Pod, container: Container, containerId: string): void;
  isReady(container: Container, containerId: string): boolean;
  isStarted(container: Container, containerId: string): boolean;
  /** The probe for which the container must die. */
  failed(containerId: string): 'liveness' | 'startup' | undefined;
  /** The pod ends: only its readiness is still watched. */
  terminating(uid: string): void;
  removePod(uid: string): void;
}

export interface ProbeManagerDeps {
  runtime: Pick<Runtime, 'exec'>;
  recorder: EventRecorder;
  clock: Clock;
  log: Logger;
  /** The running instance of a pod's container. */
  instance(pod: Pod, container: string): ContainerStatus | undefined;
  podIp(pod: Pod): string;
  /** A result changed: the pod needs a sync. */
  onChange(uid: string): void;
  random?: () => number;
}

/** The event's reason, and what it says of the probe. */
const unhealthy = {
  warning: ['ProbeWarning', 'warning'],
  failure: ['Unhealthy', 'failed'],
  unknown: ['Unhealthy', 'errored and resulted in unknown state'],
} as const;

const kinds: readonly ProbeKind[] = ['startup', 'liveness', 'readiness'];

export function createProbeManager(deps: ProbeManagerDeps): ProbeManager {
  const { clock, random = Math.random } = deps;
  const startMs = clock.now();
  const workers = new Map<string, { kind: ProbeKind; container: string; worker: ProbeWorker }[]>();
  const results: Record<ProbeKind, Map<string, boolean>> = {
    startup: new Map(),
    liveness: new Map(),
    readiness: new Map(),
  };
  /** Containers whose results are kept, by pod. */
  const seen = new Map<string, Set<string>>();
  const pods = new Map<string, Pod>();

  function remember(uid: string, kind: ProbeKind, containerId: string, success: boolean): boolean {
    const ids = seen.get(uid) ?? new Set();
    seen.set(uid, ids.add(containerId));
    const changed = results[kind].get(containerId) !== success;
    results[kind].set(containerId, success);
    return changed;
  }

  const isStarted = (container: Container, id: string): boolean =>
    results.startup.get(id) ?? container.startupProbe === undefined;

  function start(uid: string, container: Container, kind: ProbeKind, probe: Probe): ProbeWorker {
    const periodMs = (probe.periodSeconds ?? 10) * 1000;
    // Only a fresh kubelet spreads its probes; later ones start with their container.
    const firstDelayMs = clock.now() - startMs < periodMs ? random() * periodMs : 0;
    const current = (): Pod | undefined => pods.get(uid);
    return startProbeWorker(
      {
        clock,
        kind,
        probe,
        instance() {
          const pod = current();
          const status = pod && deps.instance(pod, container.name);
          if (status?.state !== 'running') return undefined;
          return { id: status.id, startedAtMs: status.startedAtMs ?? status.createdAtMs };
        },
        isStarted: (id) => isStarted(container, id),
        run: (containerId) => {
          const podIp = deps.podIp(current() as Pod);
          return runProbe(deps.runtime, probe, { container, containerId, podIp });
        },
        onOutcome({ result, output }) {
          const pod = current();
          if (!pod || result === 'success') return;
          const name = kind[0]?.toUpperCase() + kind.slice(1);
          const [reason, what] = unhealthy[result];
          const message = `${name} probe ${what}: ${output}`;
          deps.recorder.event(pod, 'Warning', reason, message, fieldPathOf(pod, container.name));
        },
        onResult(id, success) {
          if (!remember(uid, kind, id, success)) return;
          deps.log.debug({ pod: uid, container: container.name, kind, success }, 'A probe changed its result');
          // Readiness needs not wait for its next tick once the container has started.
          if (kind === 'startup' && success) triggerAll(uid, container.name);
          deps.onChange(uid);
        },
      },
      firstDelayMs,
    );
  }

  function triggerAll(uid: string, container: string): void {
    for (const entry of workers.get(uid) ?? []) if (entry.container === container) entry.worker.trigger();
  }

  function stopWhere(uid: string, matches: (kind: ProbeKind) => boolean): void {
    const all = workers.get(uid) ?? [];
    for (const { kind, worker } of all) if (matches(kind)) worker.stop();
    workers.set(
      uid,
      all.filter(({ kind }) => !matches(kind)),
    );
  }

  return {
    isStarted,
    addPod(pod) {
      const uid = pod.metadata?.uid ?? '';
      pods.set(uid, pod);
      if (workers.has(uid)) return;
      const sidecars = ((pod.spec?.initContainers ?? []) as Container[]).filter(isSidecar);
      const containers = [...sidecars, ...((pod.spec?.containers ?? []) as Container[])];
      const entries = containers.flatMap((container) =>
        kinds.flatMap((kind) => {
          const probe = container[`${kind}Probe`];
          return probe ? [{ kind, container: container.name, worker: start(uid, container, kind, probe) }] : [];
        }),
      );
      workers.set(uid, entries);
    },
    seed(pod) {
      const uid = pod.metadata?.uid ?? '';
      for (const status of [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]) {
        const id = status.containerID?.replace(/^docker:\/\//, '');
        if (!id || !status.state?.running) continue;
        const container = containersOf(pod).find(({ name }) => name === status.name);
        if (container?.startupProbe && status.started) remember(uid, 'startup', id, true);
        if (container?.readinessProbe && status.ready) remember(uid, 'readiness', id, true);
      }
    },
    containerStarted(pod, container) {
      triggerAll(pod.metadata?.uid ?? '', container.name);
    },
    isReady: (container, id) => results.readiness.get(id) ?? container.readinessProbe === undefined,
    failed(id) {
      if (results.startup.get(id) === false) return 'startup';
      return results.liveness.get(id) === false ? 'liveness' : undefined;
    },
    terminating(uid) {
      if (workers.has(uid)) stopWhere(uid, (kind) => kind !== 'readiness');
    },
    removePod(uid) {
      stopWhere(uid, () => true);
      workers.delete(uid);
      pods.delete(uid);
      for (const id of seen.get(uid) ?? []) for (const kind of kinds) results[kind].delete(id);
      seen.delete(uid);
    },
  };
}
