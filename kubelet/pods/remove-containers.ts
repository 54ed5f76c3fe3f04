/** Removes what ended. What the engine cannot remove now ("device or resource busy") must not keep a pod from going on. */
import type { Logger } from '../../component-base/logger';
import type { PodNetwork } from '../network/pod-network';
import type { ContainerStatus, Runtime } from '../runtime/runtime';
import type { PodCache } from './pod-cache';

export interface RemoveDeps {
  runtime: Runtime;
  cache: PodCache;
  network: PodNetwork;
  log: Logger;
}

/** Kills it too, if need be. Throws when it runs on; a dead one that stays is left to the next sweep. */
export async function removeDead({ runtime, cache, log }: Omit<RemoveDeps, 'network'>, id: string): Promise<void> {
  try {
    await runtime.removeContainer(id);
    cache.forget(id);
  } catch (error) {
    const left = await cache.refresh(id);
    if (left?.state === 'running') throw error;
    log.warn({ err: error, containerId: id }, 'A dead container cannot be removed yet');
  }
}

/** The network goes last: its interfaces are gone with the namespace, and nobody waits for the rest. */
export async function removeSandbox(deps: RemoveDeps, id: string): Promise<void> {
  const { runtime, cache, network, log } = deps;
  const pid = cache.container(id)?.pid;
  // Nothing in it has an end of its own to come to. If this fails, the removal kills.
  if (pid) await runtime.killFirstProcess(id, pid).catch((error: unknown) => log.debug({ err: error }, 'Kill failed'));
  await removeDead(deps, id);
  await network.tearDown(id).catch((error: unknown) => log.warn({ err: error, sandboxId: id }, 'CNI DEL failed'));
}

export const removeSandboxes = async (deps: RemoveDeps, sandboxes: readonly ContainerStatus[]): Promise<void> =>
  void (await Promise.all(sandboxes.map(({ id }) => removeSandbox(deps, id))));

export const removeContainers = async (deps: RemoveDeps, containers: readonly ContainerStatus[]): Promise<void> =>
  void (await Promise.all(containers.map(({ id }) => removeDead(deps, id))));
