/** Removes the shared cluster after the run, whether it passed or not. */
import { readFile, rm } from 'node:fs/promises';
import { sharedClusterFile } from './shared-cluster';
import { attachCluster, type SharedCluster } from './test-cluster';

export default async function tearDown(): Promise<void> {
  const shared = JSON.parse(await readFile(sharedClusterFile, 'utf8')) as SharedCluster;
  await attachCluster(shared).remove();
  await rm(sharedClusterFile, { force: true });
}
