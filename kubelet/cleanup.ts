/** `--cleanup`: removes what the kubelet made on the host. It needs the engine only for containers, and never the API. */
import path from 'node:path';
import type { Logger } from '../component-base/logger';
import { createCni } from './network/cni';
import { removeBridge } from './network/bridge';
import { removeFirewall } from './network/firewall';
import { bridgeNameOf, chainNameOf } from './network/names';
import { syncRoutes } from './network/routes';
import { Limiter } from './runtime/limiter';
import type { Runtime } from './runtime/runtime';
import { unmountBelow } from '../component-base/mounts';

export interface CleanupOptions {
  runtime: Runtime;
  clusterId: string;
  nodeName: string;
  rootDir: string;
  cniBinDir: string;
  clusterCidr: string;
  log: Logger;
}

/** Does as much as it can; rejects at the end with the first thing that did not go. */
export async function cleanUpNode(options: CleanupOptions): Promise<void> {
  const { runtime, clusterId, nodeName, rootDir, log } = options;
  const failures: unknown[] = [];
  const attempt = async (what: string, task: () => Promise<unknown>): Promise<void> => {
    try {
      await task();
    } catch (error) {
      log.warn({ err: error }, `${what} failed`);
      failures.push(error);
    }
  };

  const cni = createCni({ binDir: options.cniBinDir, cacheDir: path.join(rootDir, 'cni', 'results') });
  await attempt('Giving back the pods’ networks', async () => {
    await cni.load();
    for (const sandboxId of cni.knownSandboxes()) await cni.remove(sandboxId).catch(() => undefined);
  });
  await attempt('Removing the containers', async () => {
    const limiter = new Limiter(16);
    const containers = await runtime.listContainers();
    await Promise.all(containers.map(({ id }) => limiter.run(() => runtime.removeContainer(id))));
  });
  for (const folder of ['pods', 'removed-pods']) {
    await attempt('Unmounting volumes', () => unmountBelow(path.join(rootDir, folder)));
  }
  await attempt('Removing the packet rules', () => removeFirewall(chainNameOf(clusterId, nodeName)));
  await attempt('Removing the bridge', () => removeBridge(bridgeNameOf(clusterId, nodeName)));
  if (options.clusterCidr) await attempt('Removing the routes', () => syncRoutes([], options.clusterCidr));
  if (failures.length > 0) throw failures[0];
}
