/**
 * Takes datagrams for a service port. All datagrams of one client address and port go to one endpoint, as long as it is
 * usable and they keep coming; its answers go back from the address the client sent to.
 */
import { createSocket, type Socket } from 'node:dgram';
import type { BalancerOf } from './service-balancers';
import type { Target } from './service-map';
import type { Listener } from './tcp-listener';

/** As conntrack forgets: a stream after 2 minutes of silence, a question that got no answer after 30 seconds. */
const streamIdleMs = 120_000;
const unansweredIdleMs = 30_000;
const sweepMs = 5000;
const maxFlows = 20_000;

interface Flow {
  clientAddress: string;
  target: Target;
  socket: Socket;
  lastUsedMs: number;
  answered: boolean;
}

export interface UdpListener extends Listener {
  /** Drops the flows to endpoints that are no longer usable. */
  prune(): void;
}

/** Rejects with the bind's error. */
export async function listenUdp(address: string, port: number, balancerOf: BalancerOf): Promise<UdpListener> {
  const flows = new Map<string, Flow>();
  const server = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.bind({ address, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', () => {});

  const drop = (key: string, flow: Flow): void => {
    if (flows.get(key) === flow) flows.delete(key);
    flow.socket.removeAllListeners('message');
    flow.socket.close();
  };

  const open = (key: string, clientAddress: string, clientPort: number): Flow | undefined => {
    const balancer = balancerOf(clientAddress, address);
    const [target] = balancer.candidates(clientAddress);
    if (!target || flows.size >= maxFlows) return undefined;
    balancer.connected(clientAddress, target);
    const socket = createSocket('udp4');
    const flow: Flow = { clientAddress, target, socket, lastUsedMs: Date.now(), answered: false };
    socket.on('message', (message) => {
      flow.answered = true;
      flow.lastUsedMs = Date.now();
      server.send(message, clientPort, clientAddress);
    });
    // An unreachable endpoint: the client's next datagram finds another.
    socket.once('error', () => drop(key, flow));
    socket.connect(target.port, target.address);
    flows.set(key, flow);
    return flow;
  };

  server.on('message', (message, { address: clientAddress, port: clientPort }) => {
    // From port 0 nobody can be answered, and sending there throws.
    if (clientPort === 0) return;
    const key = `${clientAddress}:${clientPort}`;
    const flow = flows.get(key) ?? open(key, clientAddress, clientPort);
    if (!flow) return;
    flow.lastUsedMs = Date.now();
    whenConnected(flow.socket, () => flow.socket.send(message));
  });

  const sweep = setInterval(() => {
    const now = Date.now();
    for (const [key, flow] of flows) {
      if (now - flow.lastUsedMs > (flow.answered ? streamIdleMs : unansweredIdleMs)) drop(key, flow);
    }
  }, sweepMs).unref();

  return {
    prune() {
      for (const [key, flow] of flows) {
        if (!balancerOf(flow.clientAddress, address).has(flow.target)) drop(key, flow);
      }
    },
    close() {
      clearInterval(sweep);
      for (const [key, flow] of flows) drop(key, flow);
      server.close();
    },
  };
}

/** Sends now, or as soon as the socket is connected; a socket that closed meanwhile swallows the datagram. */
function whenConnected(socket: Socket, send: () => void): void {
  const attempt = (): void => {
    try {
      socket.remoteAddress();
    } catch {
      socket.once('connect', send);
      return;
    }
    send();
  };
  attempt();
}
