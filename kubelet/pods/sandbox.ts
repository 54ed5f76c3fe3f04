/** Creates a pod's sandbox with its network. */
import type { Pod } from '../../api/core/v1/pod';
import type { PodNetwork } from '../network/pod-network';
import { sandboxConfig } from '../runtime/container-config';
import { type DnsSettings, podHostname, writeHosts, writePodFiles } from './pod-files';
import { removeSandbox } from './remove-containers';
import { startCreated, type StartDeps } from './start-container';

export interface SandboxDeps extends StartDeps {
  network: PodNetwork;
  dns: DnsSettings;
  pauseImage: string;
  hostIPs(): string[];
}

export class SandboxError extends Error {
  override readonly name = 'SandboxError';
}

/** Resolves with the sandbox's id and the pod's addresses once containers may join. Throws SandboxError. */
export async function createSandbox(
  deps: SandboxDeps,
  pod: Pod,
  attempt: number,
): Promise<{ id: string; ips: string[] }> {
  const { runtime, cache, network } = deps;
  const podDir = deps.podDir(pod.metadata?.uid ?? '');
  let id: string | undefined;
  try {
    // Never as if it were in one: admission lets such a pod do more.
    if (pod.spec?.hostUsers === false) {
      throw new Error("can't set `spec.hostUsers: false`, runtime does not support user namespaces");
    }
    const files = await writePodFiles(pod, podDir, deps.dns);
    const hostname = podHostname(pod, deps.dns.clusterDomain);
    const config = sandboxConfig({ pod, attempt, image: deps.pauseImage, hostname, files });
    ({ id } = await runtime.createContainer(config));
    id = await startCreated(runtime, cache, config, id);
    const pid = cache.container(id)?.pid;
    if (!pid) throw new Error('the sandbox ended at once');
    const ips = pod.spec?.hostNetwork ? deps.hostIPs() : await network.setUp(pod, id, pid);
    await writeHosts(pod, podDir, ips, deps.dns.clusterDomain);
    return { id, ips };
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    deps.recorder.event(pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${text}`);
    if (id) await removeSandbox(deps, id).catch(() => undefined);
    throw new SandboxError(text, { cause });
  }
}
