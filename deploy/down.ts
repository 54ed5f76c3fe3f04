/** `npm run down`: stops the cluster on this host and removes what it made there, but not its data (`--purge`: that too). */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { defineFlags, parseFlags } from '../component-base/flags';
import { contextNameOf, defaultClusterName, type Layout, layoutOf, readCluster } from './cluster';
import { deleteData } from './delete-data';
import { cleanUpProcess, readProcesses } from './local-nodes';
import type { Progress } from './progress';
import { SetupError } from './setup-error';
import { withSetupLock } from './setup-lock';
import { ensureSupervisor, findSupervisor, stopSupervisor } from './supervisor/client';
import { removeUserContext } from './user-kubeconfig';

const downFlags = defineFlags({
  name: { type: 'string', default: defaultClusterName, help: 'the name of the cluster' },
  purge: { type: 'bool', default: false, help: 'remove the data and the kubeconfig context too' },
});

export async function down(argv: string[], progress: Progress): Promise<void> {
  const { name, purge } = parseFlags(downFlags, argv, 'npm run down --');
  const layout = layoutOf(name);
  const cluster = await readCluster(layout);
  if (!cluster) {
    progress.say(` • There is no cluster "${name}" here.`);
    return;
  }
  await refuseContainers(name, layout);
  await withSetupLock(layout, async () => {
    await stopAndCleanUp(name, layout, progress);
    if (!purge) return;
    await progress.step('Removing the data', async () => {
      await removeUserContext(contextNameOf(name));
      await deleteData(layout.root);
    });
  });
}

/** One cluster's state has one keeper: throws SetupError when it is docker compose. */
export async function refuseContainers(name: string, layout: Layout): Promise<void> {
  if (!(await exists(join(layout.root, 'compose.yaml')))) return;
  throw new SetupError(`The cluster ${name} runs in containers.`, {
    remedy: `Run: npm run compose -- down --name ${name}`,
  });
}

/** Stops the processes in order, then has each node component remove its containers, bridges, routes, chains and mounts. */
export async function stopAndCleanUp(name: string, layout: Layout, progress: Progress): Promise<void> {
  const processes = await readProcesses(layout);
  await progress.step('Stopping the components and etcd', async () => {
    // Processes whose supervisor was killed are adopted first, so that they stop in order too.
    if (!(await findSupervisor(layout)) && (await exists(layout.processes))) await ensureSupervisor(name, layout);
    await stopSupervisor(name, layout);
  });
  await progress.step('Removing containers, bridges, routes, chains and mounts', async () => {
    const owners = processes.filter((spec) => spec.name === 'kube-proxy' || spec.name.startsWith('kubelet-'));
    await Promise.all(owners.map(cleanUpProcess));
  });
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
