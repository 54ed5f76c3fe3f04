/** Refuses to start on ports that another program has. */
import { createServer } from 'node:net';
import type { Cluster } from './cluster';
import { SetupError } from './setup-error';

/** True when nothing listens there. */
export function isPortFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

const bindAddressOf = (name: keyof Cluster['ports']): string => (name === 'apiserver' ? '0.0.0.0' : '127.0.0.1');

/** Whether nothing listens on any port of the cluster. */
export async function arePortsFree({ ports }: Cluster): Promise<boolean> {
  const entries = Object.entries(ports) as [keyof Cluster['ports'], number][];
  return (await Promise.all(entries.map(([name, port]) => isPortFree(port, bindAddressOf(name))))).every(Boolean);
}

/** Throws SetupError naming the first port that is taken. */
export async function refuseTakenPorts(cluster: Cluster): Promise<void> {
  const purposes: Record<keyof Cluster['ports'], string> = {
    apiserver: 'the API server',
    etcdClient: "etcd's clients",
    etcdPeer: "etcd's peers",
    scheduler: "the scheduler's health",
    controllerManager: "the controller manager's health",
    proxyHealth: "kube-proxy's health",
    proxyMetrics: "kube-proxy's metrics",
    kubeletHealth: "the kubelet's health",
  };
  const entries = Object.entries(cluster.ports) as [keyof Cluster['ports'], number][];
  for (const [name, port] of entries) {
    if (await isPortFree(port, bindAddressOf(name))) continue;
    throw new SetupError(`Port ${port}, for ${purposes[name]}, is taken by another program.`, {
      remedy: `Stop it (ss -ltnp 'sport = :${port}' shows it), or make a cluster with other ports: npm run up -- --name <name>.`,
    });
  }
}
