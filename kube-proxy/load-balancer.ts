/**
 * Chooses the endpoint of a connection: the usable ones in turn, or the one the client had before, with session affinity.
 * Upstream's userspace balancer was `pkg/proxy/userspace/roundrobin.go`.
 */
import type { Target } from './service-map';

const maxRememberedClients = 10_000;

interface Affinity {
  target: string;
  lastUsedMs: number;
}

const nameOf = ({ address, port }: Target): string => `${address}:${port}`;

export class LoadBalancer {
  private targets: Target[] = [];
  private affinityMs: number | undefined;
  private next = 0;
  private readonly clients = new Map<string, Affinity>();

  constructor(private readonly now: () => number) {}

  get isEmpty(): boolean {
    return this.targets.length === 0;
  }

  has(target: Target): boolean {
    const name = nameOf(target);
    return this.targets.some((known) => nameOf(known) === name);
  }

  /** The turn goes on where it was, so that a change does not send everybody to the first endpoint. */
  update(targets: Target[], affinityMs: number | undefined): void {
    this.targets = targets;
    this.affinityMs = affinityMs;
    if (affinityMs === undefined) this.clients.clear();
  }

  /** The endpoints to try for a connection of this client, best first: each once. */
  candidates(client: string): Target[] {
    const { targets } = this;
    if (!targets.length) return [];
    const first = this.remembered(client) ?? this.next++ % targets.length;
    return [...targets.slice(first), ...targets.slice(0, first)];
  }

  private remembered(client: string): number | undefined {
    const affinity = this.affinityMs === undefined ? undefined : this.clients.get(client);
    if (!affinity || this.now() - affinity.lastUsedMs > (this.affinityMs ?? 0)) return undefined;
    const index = this.targets.findIndex((target) => nameOf(target) === affinity.target);
    return index < 0 ? undefined : index;
  }

  /** Tells which endpoint took the connection. */
  connected(client: string, target: Target): void {
    if (this.affinityMs === undefined) return;
    // Deleting first keeps the map in order of last use, so that the oldest goes when it is full.
    this.clients.delete(client);
    this.clients.set(client, { target: nameOf(target), lastUsedMs: this.now() });
    if (this.clients.size > maxRememberedClients) {
      const [oldest] = this.clients.keys();
      if (oldest !== undefined) this.clients.delete(oldest);
    }
  }
}
