/** Removes the shared cluster after the run, whether it passed or not. */
import { rm } from 'node:fs/promises';
import { run } from './e2e-setup';
import { sharedClusterFile } from './shared-cluster';
import { attachCluster } from './test-cluster';

export default async function tearDown(): Promise<void> {
  const shared = run.kubelabSharedCluster;
  if (!shared) return;
  await attachCluster(shared).remove();
  await rm(sharedClusterFile, { force: true });
}
