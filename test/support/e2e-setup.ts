/** Starts the cluster that all e2e tests share, once for the run. */
import { writeFile } from 'node:fs/promises';
import { createEngine, ensureEngine } from '../../deploy/engine';
import { ensureTestImages } from './test-images';
import { sharedClusterFile, sharedClusterName } from './shared-cluster';
import { startCluster } from './test-cluster';

export default async function setUp(): Promise<void> {
  const engine = createEngine();
  await ensureEngine(engine, '/tmp/kubelab-test-dockerd.log');
  await ensureTestImages(engine);
  const { name, home, kubeconfig } = await startCluster(sharedClusterName, '--nodes', '3');
  await writeFile(sharedClusterFile, JSON.stringify({ name, home, kubeconfig }));
}
