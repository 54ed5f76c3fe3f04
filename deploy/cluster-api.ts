/** The set-up as a client of the cluster it makes. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Node, nodes, taintKeys } from '../api/core/v1/node';
import { loadKubeconfig } from '../client/kubeconfig';
import { createRestClient, type RestClient } from '../client/rest-client';
import type { Cluster, Layout } from './cluster';
import { SetupError } from './setup-error';
import { readRecord, startedAtMs as processStart } from './supervisor/process-identity';

export type ClusterApi = RestClient;

export async function adminClient(_cluster: Cluster, layout: Layout): Promise<ClusterApi> {
  const config = await loadKubeconfig(join(layout.kubeconfigs, 'admin.kubeconfig'));
  return createRestClient(config, { userAgent: 'kubelab-deploy' });
}

/** Waits for `/readyz`. Throws SetupError after a minute. */
export async function waitUntilServing(api: ClusterApi, layout: Layout): Promise<void> {
  const deadline = Date.now() + 60_000;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      await api.raw({ method: 'GET', path: '/readyz', timeoutMs: 2000 });
      return;
    } catch (error) {
      last = error;
      await sleep(50);
    }
  }
  throw new SetupError(`The API server is not ready: ${(last as Error).message}.`, {
    remedy: `See ${join(layout.logs, 'kube-apiserver.log')} and ${join(layout.logs, 'etcd.log')}.`,
  });
}

async function kubeletStart(layout: Layout, node: string): Promise<number> {
  const kubelet = await readRecord(join(layout.run, `kubelet-${node}.pid`));
  return kubelet ? processStart(kubelet) : 0;
}

/** Heartbeats and the time of boot are whole seconds. */
const clockToleranceMs = 2000;

/**
 * Ready and open for pods, and said so by the kubelet that runs now: what its predecessor left in the API counts for nothing.
 */
function isReady({ spec, status }: Node, kubeletStartedAtMs: number): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const saidAtMs = Date.parse(ready?.lastHeartbeatTime ?? '');
  const open = !spec?.taints?.some(({ key }) => key === taintKeys.notReady || key === taintKeys.unreachable);
  return open && ready?.status === 'True' && saidAtMs >= kubeletStartedAtMs - clockToleranceMs;
}

/** Watches the nodes until all the named ones are Ready. Throws SetupError after two minutes. */
export async function waitUntilNodesReady(api: ClusterApi, names: string[], layout: Layout): Promise<void> {
  const startedAtMs = new Map(
    await Promise.all(names.map(async (name) => [name, await kubeletStart(layout, name)] as const)),
  );
  const waiting = new Set(names);
  const deadline = AbortSignal.timeout(120_000);
  while (!deadline.aborted) {
    try {
      const list = await api.list(nodes, { signal: deadline });
      const look = (node: (typeof list.items)[number]): void => {
        if (isReady(node, startedAtMs.get(node.metadata.name) ?? 0)) waiting.delete(node.metadata.name);
        else if (names.includes(node.metadata.name)) waiting.add(node.metadata.name);
      };
      list.items.forEach(look);
      if (!waiting.size) return;
      const { resourceVersion } = list.metadata;
      for await (const event of api.watch(nodes, { ...(resourceVersion && { resourceVersion }), signal: deadline })) {
        if (event.type === 'ADDED' || event.type === 'MODIFIED') look(event.object);
        if (!waiting.size) return;
      }
    } catch {
      // The API server or the connection went away: list again.
      await sleep(200);
    }
  }
  const [node] = waiting;
  throw new SetupError(`The node ${node} did not become Ready within two minutes.`, {
    remedy: `See "kubectl describe node ${node}" and ${join(layout.logs, `kubelet-${node}.log`)}.`,
  });
}
