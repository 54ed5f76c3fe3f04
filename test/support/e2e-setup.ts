/** Starts the cluster that all e2e tests share, once for the run. */
import { writeFile } from 'node:fs/promises';
import prepareEngine from './engine-setup';
import { sharedClusterFile, sharedClusterName } from './shared-cluster';
import { startCluster } from './test-cluster';

export default async function setUp(): Promise<void> {
  await prepareEngine();
  const { name, home, kubeconfig } = await startCluster(sharedClusterName, '--nodes', '3');
  await writeFile(sharedClusterFile, JSON.stringify({ name, home, kubeconfig }));
}
