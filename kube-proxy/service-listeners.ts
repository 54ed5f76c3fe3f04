/** The sockets of one service port: one on its cluster IP, at a high port, and those of its node port. */
import type { Logger } from '../component-base/logger';
import type { BalancerOf } from './service-balancers';
import type { Protocol } from './service-map';
import { type Listener, listenTcp } from './tcp-listener';
import { listenUdp } from './udp-listener';

export interface HighListener extends Listener {
  port: number;
  prune(): void;
}

async function listen(
  protocol: Protocol,
  address: string,
  port: number,
  balancerOf: BalancerOf,
): Promise<Listener & { prune(): void }> {
  if (protocol === 'UDP') return listenUdp(address, port, balancerOf);
  return { ...(await listenTcp(address, port, balancerOf)), prune: () => {} };
}

/** Below all node ports: a socket on all addresses cannot be had beside one of ours at the same port. */
const firstHighPort = 10_000;
const highPorts = 10_000;

/** Where to listen for a service port: the same after each restart, as long as the same ports are free. */
export const preferredHighPort = (port: number): number => firstHighPort + ((port + 1104) % highPorts);

/** Listens on the first free port from the preferred one on. */
export async function listenHigh(
  protocol: Protocol,
  address: string,
  servicePort: number,
  balancerOf: BalancerOf,
): Promise<HighListener> {
  const preferred = preferredHighPort(servicePort);
  for (let attempt = 0; ; attempt++) {
    const port = firstHighPort + ((preferred - firstHighPort + attempt) % highPorts);
    try {
      return { ...(await listen(protocol, address, port, balancerOf)), port };
    } catch (error) {
      if (attempt === 100 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}

/**
 * The sockets of a node port. TCP needs one on all addresses; UDP one on each, because an answer must come from the address
 * that was asked.
 */
export class NodePortListeners {
  private readonly open = new Map<string, Listener & { prune(): void }>();
  private closed = false;
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly protocol: Protocol,
    readonly port: number,
    private readonly balancerOf: BalancerOf,
    private readonly log: Logger,
  ) {}

  /** Listens on the addresses that are new, closes those that are gone. A port that is taken is logged, and tried again by the next. */
  sync(addresses: string[]): Promise<void> {
    return (this.turn = this.turn.then(() => this.syncOnce(addresses)));
  }

  private async syncOnce(addresses: string[]): Promise<void> {
    const wanted = this.protocol === 'TCP' ? ['0.0.0.0'] : addresses;
    for (const [address, listener] of this.open) {
      if (wanted.includes(address)) continue;
      listener.close();
      this.open.delete(address);
    }
    for (const address of wanted) {
      if (this.open.has(address) || this.closed) continue;
      try {
        this.open.set(address, await listen(this.protocol, address, this.port, this.balancerOf));
      } catch (error) {
        this.log.error({ err: error, address, port: this.port }, 'Cannot listen on the node port');
      }
    }
    if (this.closed) this.close();
  }

  prune(): void {
    for (const listener of this.open.values()) listener.prune();
  }

  close(): void {
    this.closed = true;
    for (const listener of this.open.values()) listener.close();
    this.open.clear();
  }
}
