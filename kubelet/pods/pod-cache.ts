/**
 * What the engine has of every pod of this node, kept by events and, because events get lost, by a periodic relist: upstream's
 * PLEG. A container is inspected once per change, never per look.
 */
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import { sharedNext } from '../../component-base/shared-next';
import { labels } from '../runtime/labels';
import type { ContainerStatus, Runtime, RuntimeEvent } from '../runtime/runtime';
import { emptyRuntimeStatus, isSandbox, type PodRuntimeStatus, podRuntimeStatusOf } from './pod-runtime-status';
import { terminationMessageOf } from './termination-message';

export interface PodCacheDeps {
  runtime: Runtime;
  clock: Clock;
  log: Logger;
  addressesOf(sandboxId: string): string[];
  podDir(uid: string): string;
  /** A container of the pod started, died or vanished. */
  onChange(podUid: string): void;
  /** Events were missed and may be missed no more: the engine may be back. */
  onReconnect(): void;
  relistPeriodMs?: number;
}

export interface PodCache {
  status(pod: { uid: string; name: string; namespace: string }): PodRuntimeStatus;
  /** Every pod that has a container, by uid. */
  pods(): { uid: string; name: string; namespace: string }[];
  container(id: string): ContainerStatus | undefined;
  /** Asks the engine for one container, now. */
  refresh(id: string): Promise<ContainerStatus | undefined>;
  /** The caller starts it and will refresh: the engine's start event needs no look. */
  expectStart(id: string): () => void;
  forget(id: string): void;
  relist(): Promise<void>;
  /** When the last relist succeeded. */
  lastRelistMs(): number;
  /** Follows the engine until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export function createPodCache(deps: PodCacheDeps): PodCache {
  const { runtime, clock, log } = deps;
  const containers = new Map<string, ContainerStatus>();
  const byPod = new Map<string, Set<string>>();
  const starting = new Set<string>();
  const oomKilled = new Set<string>();
  const looks = new Map<string, () => Promise<ContainerStatus | undefined>>();
  const lookedAt = new Map<string, number>();
  let sequence = 0;
  let relistedMs = 0;

  function put(status: ContainerStatus): void {
    containers.set(status.id, status);
    const uid = status.labels[labels.podUid] ?? '';
    const ids = byPod.get(uid) ?? new Set();
    byPod.set(uid, ids.add(status.id));
  }

  function forget(id: string): void {
    looks.delete(id);
    oomKilled.delete(id);
    lookedAt.delete(id);
    const known = containers.get(id);
    if (!known) return;
    containers.delete(id);
    const uid = known.labels[labels.podUid] ?? '';
    const ids = byPod.get(uid);
    ids?.delete(id);
    if (ids?.size === 0) byPod.delete(uid);
  }

  function refresh(id: string): Promise<ContainerStatus | undefined> {
    const ask = looks.get(id) ?? sharedNext(() => look(id));
    looks.set(id, ask);
    return ask();
  }

  async function look(id: string): Promise<ContainerStatus | undefined> {
    // A container that ended never runs again: what is known of its end is final.
    const known = containers.get(id);
    if (known?.state === 'exited' && known.exitCode !== undefined) return known;
    lookedAt.set(id, (sequence += 1));
    let status = await runtime.inspectContainer(id);
    if (!status) {
      forget(id);
      return undefined;
    }
    if (oomKilled.has(id) && status.state === 'exited') status = { ...status, oomKilled: true };
    if (status.state === 'exited' && !isSandbox(status)) {
      const message = containers.get(id)?.terminationMessage ?? (await terminationMessage(status));
      if (message) status = { ...status, terminationMessage: message };
    }
    // It went while the engine was answering.
    if (!lookedAt.has(id)) return undefined;
    const ended = containers.get(id);
    if (ended?.state === 'exited' && status.state === 'running') return ended;
    put(status);
    return status;
  }

  async function terminationMessage(status: ContainerStatus): Promise<string> {
    const podDir = deps.podDir(status.labels[labels.podUid] ?? '');
    try {
      return await terminationMessageOf(status, podDir, (tail) => runtime.logs({ containerId: status.id, tail }));
    } catch (error) {
      log.debug({ err: error }, 'A termination message cannot be read');
      return '';
    }
  }

  async function relist(): Promise<void> {
    const startedAt = sequence;
    const found = await runtime.listContainers();
    const changed = new Set<string>();
    const ids = new Set(found.map(({ id }) => id));
    for (const [id, known] of containers) {
      if (ids.has(id) || (lookedAt.get(id) ?? 0) > startedAt) continue;
      changed.add(known.labels[labels.podUid] ?? '');
      forget(id);
    }
    const stale = found.filter(({ id, state }) => {
      const known = containers.get(id)?.state;
      // A failed start is "created" to the engine and "exited" to us.
      return known !== state && !(state === 'created' && known === 'exited') && !starting.has(id);
    });
    await Promise.all(
      stale.map(async ({ id, labels: own }) => {
        await refresh(id);
        changed.add(own[labels.podUid] ?? '');
      }),
    );
    relistedMs = clock.now();
    for (const uid of changed) deps.onChange(uid);
  }

  /** All that matters of a sandbox that ended: no need to ask the engine, which is busy when many end. */
  function markDead({ pid: _pid, ...known }: ContainerStatus): void {
    containers.set(known.id, { ...known, state: 'exited', finishedAtMs: clock.now() });
  }

  async function onEvent(event: RuntimeEvent): Promise<void> {
    if (!event) {
      await relist();
      deps.onReconnect();
      return;
    }
    const { containerId, action } = event;
    const uid = event.labels[labels.podUid] ?? '';
    const known = containers.get(containerId);
    if (action === 'oom') oomKilled.add(containerId);
    else if (action === 'destroy') forget(containerId);
    else if (action === 'start' && (starting.has(containerId) || known?.state === 'running')) return;
    else if (action === 'die' && known && isSandbox(known)) markDead(known);
    else await refresh(containerId);
    deps.onChange(uid);
  }

  return {
    refresh,
    forget,
    relist,
    lastRelistMs: () => relistedMs,
    container: (id) => containers.get(id),
    expectStart(id) {
      starting.add(id);
      return () => starting.delete(id);
    },
    status(pod) {
      const ids = byPod.get(pod.uid);
      if (!ids) return emptyRuntimeStatus(pod);
      const all = [...ids].flatMap((id) => containers.get(id) ?? []);
      return podRuntimeStatusOf(pod, all, deps.addressesOf);
    },
    pods: () =>
      [...byPod].map(([uid, ids]) => {
        const [first = ''] = ids;
        const own = containers.get(first)?.labels ?? {};
        return { uid, name: own[labels.podName] ?? '', namespace: own[labels.podNamespace] ?? '' };
      }),
    async run(signal) {
      const failed = (error: unknown): void => {
        if (!signal.aborted) log.debug({ err: error }, 'Looking at the containers failed');
      };
      const events = runtime.watchEvents((event) => void onEvent(event).catch(failed), signal);
      const periodic = (async () => {
        while (!signal.aborted) {
          await clock.sleep(deps.relistPeriodMs ?? 10_000, signal).catch(() => undefined);
          if (!signal.aborted) await relist().catch(failed);
        }
      })();
      await Promise.all([events, periodic]);
    },
  };
}
