/** `npm run leave`: this host, which joined a cluster, is no longer a node of it. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { nodes } from '../api/core/v1/node';
import { isNotFound } from '../api/meta/status-error';
import { loadKubeconfig } from '../client/kubeconfig';
import { createRestClient } from '../client/rest-client';
import { defineFlags, parseFlags } from '../component-base/flags';
import { type Cluster, kubelabHome, type Layout, layoutOf, readCluster } from './cluster';
import { deleteData } from './delete-data';
import { stopAndCleanUp } from './down';
import type { Progress } from './progress';
import { SetupError } from './setup-error';
import { withSetupLock } from './setup-lock';

const leaveFlags = defineFlags({
  name: { type: 'string', default: '', help: 'the cluster to leave; needed when this host joined several' },
});

export async function leave(argv: string[], progress: Progress): Promise<void> {
  const { name } = parseFlags(leaveFlags, argv, 'npm run leave --');
  const cluster = await findJoined(name);
  const layout = layoutOf(cluster.name);
  await withSetupLock(layout, () => leaveCluster(cluster, layout, progress));
}

async function leaveCluster(cluster: Cluster, layout: Layout, progress: Progress): Promise<void> {
  const [node = ''] = cluster.nodes;
  // A kubelet that still ran would register its node again.
  await stopAndCleanUp(cluster.name, layout, progress);
  const removed = await progress.step(
    `Removing the node ${node} from the cluster`,
    () => deleteNode(layout, node),
    (done) => (done ? '' : 'the cluster could not be told'),
  );
  await deleteData(layout.root);
  if (!removed) progress.say(`On the first host, remove its object: kubectl delete node ${node}`);
}

async function findJoined(name: string): Promise<Cluster> {
  const folders = name ? [name] : await readdir(kubelabHome()).catch(() => [] as string[]);
  const clusters = await Promise.all(folders.map((folder) => readCluster(layoutOf(folder))));
  const joined = clusters.filter((cluster) => cluster?.role === 'worker');
  const [only] = joined;
  if (!only) throw new SetupError('This host has not joined a cluster.');
  if (joined.length > 1) {
    const names = joined.map((cluster) => cluster?.name).join(', ');
    throw new SetupError(`This host joined several clusters: ${names}.`, { remedy: 'Name one with --name.' });
  }
  return only;
}

/** With the node's own certificate. False when the cluster cannot be reached or does not let it. */
async function deleteNode(layout: Layout, node: string): Promise<boolean> {
  try {
    const client = createRestClient(await loadKubeconfig(join(layout.kubeconfigs, `kubelet-${node}.kubeconfig`)), {
      userAgent: 'kubelab-leave',
    });
    await client.delete(nodes, node, undefined, { timeoutMs: 10_000 }).finally(() => client.close());
    return true;
  } catch (error) {
    return isNotFound(error);
  }
}
