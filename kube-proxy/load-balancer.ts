/**
 * Chooses the endpoint of a connection: the usable ones in turn, or the one the client had before, with session affinity.
 * Upstream's userspace balancer was `pkg/proxy/userspace/roundrobin.go`.
 */
import { createHash } from 'node:crypto';
import type { Target } from './service-map';

const maxRememberedClients = 10_000;

interface Affinity {
  target: string;
  lastUsedMs: number;
}

const nameOf = ({ address, port }: Target): string => `${address}:${port}`;

export class LoadBalancer {
  private targets: readonly Target[] = [];
  private names: readonly string[] = [];
  private affinityMs: number | undefined;
  private next = 0;
  private readonly clients = new Map<string, Affinity>();

  constructor(private readonly now: () => number) {}

  has(target: Target): boolean {
    return this.names.includes(nameOf(target));
  }

  /** The turn goes on where it was, so that a change does not send everybody to the first endpoint. */
  update(targets: readonly Target[], affinityMs: number | undefined): void {
    this.targets = targets;
    this.names = targets.map(nameOf);
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
    if (this.affinityMs === undefined) return undefined;
    const affinity = this.clients.get(client);
    if (!affinity) return this.rendezvous(client);
    if (this.now() - affinity.lastUsedMs > this.affinityMs) return undefined;
    const index = this.names.indexOf(affinity.target);
    return index < 0 ? undefined : index;
  }

  /** Where a client that nobody remembers is sent, so that a proxy that was restarted sends it where it was (Thaler and Ravishankar). */
  private rendezvous(client: string): number {
    const weights = this.names.map((name) => createHash('md5').update(`${client} ${name}`).digest('hex'));
    return weights.reduce((best, weight, index) => (weight > weights[best]! ? index : best), 0);
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
