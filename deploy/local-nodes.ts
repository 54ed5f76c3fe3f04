/** The nodes of this machine: their names, and how one goes without leaving anything behind. */
import { join } from 'node:path';
import { type Cluster, type Layout, writeFileAtomic } from './cluster';
import { adminClient, waitUntilServing } from './cluster-api';
import { deleteData } from './delete-data';
import type { ProcessSpec } from './processes';
import { run } from '../component-base/run-command';
import { SetupError } from './setup-error';
import { ensureSupervisor } from './supervisor/client';
import { readFile } from 'node:fs/promises';

/** `kubelab-1`, `kubelab-2`, … */
export const localNodeNames = (cluster: Pick<Cluster, 'name'>, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${cluster.name}-${index + 1}`);

/** Splits the nodes that are there by whether they are still wanted. */
export function nodesToKeep(present: string[], wanted: string[]): { kept: string[]; removed: string[] } {
  return {
    kept: present.filter((node) => wanted.includes(node)),
    removed: present.filter((node) => !wanted.includes(node)),
  };
}

/** What one more node takes, without pods. */
const nodeBytes = 64 << 20;

/** Throws SetupError for more nodes than the range of pod addresses or the free memory has room for. */
export function refuseTooManyNodes(
  { podCidr, nodeMaskSize }: Pick<Cluster, 'podCidr' | 'nodeMaskSize'>,
  wanted: number,
  present: number,
  freeBytes: number,
): void {
  const spareBits = nodeMaskSize - Number(podCidr.split('/')[1]);
  const ranges = 2 ** spareBits;
  if (spareBits >= 0 && wanted > ranges) {
    throw new SetupError(`--nodes=${wanted}: the pod addresses ${podCidr} are enough for ${ranges} nodes.`, {
      remedy: 'Give fewer nodes, or a new cluster a wider --pod-cidr.',
    });
  }
  const room = Math.floor(freeBytes / nodeBytes);
  if (wanted - present > Math.max(room, 1)) {
    throw new SetupError(`--nodes=${wanted}: the free memory is enough for ${present + room} nodes.`, {
      remedy: `Give at most --nodes ${present + room}.`,
    });
  }
}

export async function readProcesses(layout: Layout): Promise<ProcessSpec[]> {
  const text = await readFile(layout.processes, 'utf8').catch(() => '[]');
  return JSON.parse(text) as ProcessSpec[];
}

/** Runs a component once with `--cleanup`: it removes what it owns on this host, also while the API server is away. */
export const cleanUpProcess = (spec: ProcessSpec): Promise<unknown> =>
  run(spec.command, [...spec.args, '--cleanup'], { allowFailure: true, timeoutMs: 120_000 });

/**
 * Drains the node, stops its kubelet, removes its containers and bridge, and deletes its Node object. A cluster that was
 * stopped is started for it, as it was: nobody else would ever tell it that the node is gone.
 */
export async function removeNode(cluster: Cluster, layout: Layout, node: string): Promise<void> {
  const kubectl = (...args: string[]): Promise<unknown> =>
    run('kubectl', ['--kubeconfig', join(layout.kubeconfigs, 'admin.kubeconfig'), ...args], { allowFailure: true });
  await ensureSupervisor(cluster.name, layout);
  const api = await adminClient(cluster, layout);
  await waitUntilServing(api, layout).finally(() => api.close());
  await kubectl('drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--force', '--timeout=60s');
  const processes = await readProcesses(layout);
  const kubelet = processes.find(({ name }) => name === `kubelet-${node}`);
  const others = processes.filter((spec) => spec !== kubelet);
  await writeFileAtomic(layout.processes, `${JSON.stringify(others, undefined, 2)}\n`);
  await ensureSupervisor(cluster.name, layout);
  if (kubelet) await cleanUpProcess(kubelet);
  await kubectl('delete', 'node', node, '--ignore-not-found');
  await deleteData(layout.node(node));
}
