/** Starts the cluster that all e2e tests share, once for the run. */
import { writeFile } from 'node:fs/promises';
import prepareEngine from './engine-setup';
import { sharedClusterFile, sharedClusterName } from './shared-cluster';
import { type SharedCluster, startCluster } from './test-cluster';

/** What the set-up leaves for the tear-down, in the process that runs both. */
export const run = globalThis as { kubelabSharedCluster?: SharedCluster };

export default async function setUp(): Promise<void> {
  await prepareEngine();
  const { name, home, kubeconfig } = await startCluster(sharedClusterName, '--nodes', '3');
  run.kubelabSharedCluster = { name, home, kubeconfig };
  await writeFile(sharedClusterFile, JSON.stringify(run.kubelabSharedCluster));
}
