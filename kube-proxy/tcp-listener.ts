/** Takes TCP connections for a service port and joins each to an endpoint, byte for byte, half-closes included. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { BalancerOf } from './service-balancers';
import type { Target } from './service-map';

/**
 * How long an endpoint may take to accept; then the next one is tried. Its kernel accepts, however busy the server is: what
 * takes longer than a round trip is a pod that is gone. The last one may take longer.
 */
const connectTimeoutMs = 300;
const lastConnectTimeoutMs = 5000;

/** A peer that went without a word must not hold a connection for ever. The probes are Go's: 15 s. */
const socketOptions = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 15_000 };

export interface Listener {
  /** Stops taking new connections; those that are open go on. */
  close(): void;
}

/** Rejects with the bind's error, such as EADDRINUSE. */
export async function listenTcp(address: string, port: number, balancerOf: BalancerOf): Promise<Listener> {
  const server = createServer({ ...socketOptions, pauseOnConnect: true }, (client) => {
    client.on('error', () => {});
    void serve(client, balancerOf);
  });
  await bound(server, address, port);
  server.on('error', () => {});
  return { close: () => void server.close() };
}

/** Rejects with the bind's error, such as EADDRINUSE. */
export function bound(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true, backlog: 1024 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Not a byte of the client has been read yet, so the next endpoint can be tried when one does not answer. */
async function serve(client: Socket, balancerOf: BalancerOf): Promise<void> {
  const clientAddress = client.remoteAddress ?? '';
  const balancer = balancerOf(clientAddress, client.localAddress ?? '');
  const candidates = balancer.candidates(clientAddress);
  for (const [index, target] of candidates.entries()) {
    if (client.destroyed) return;
    const isLast = index === candidates.length - 1;
    const upstream = await dial(target, isLast ? lastConnectTimeoutMs : connectTimeoutMs, client);
    if (!upstream) continue;
    balancer.connected(clientAddress, target);
    join(client, upstream);
    return;
  }
  client.resetAndDestroy();
}

/** Undefined when the endpoint refused, did not answer in time, or the client went away meanwhile. */
function dial({ address, port }: Target, timeoutMs: number, client: Socket): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, ...socketOptions });
    const finish = (result: Socket | undefined): void => {
      clearTimeout(timer);
      socket.off('connect', onConnect).off('error', onFailure);
      client.off('close', onFailure);
      if (!result) socket.on('error', () => {}).destroy();
      resolve(result);
    };
    const onConnect = (): void => finish(socket);
    const onFailure = (): void => finish(undefined);
    // An event loop that was held up first looks at what has happened meanwhile.
    const timer = setTimeout(() => setImmediate(onFailure), timeoutMs);
    socket.once('connect', onConnect).once('error', onFailure);
    client.once('close', onFailure);
  });
}

/** `pipe` passes an end on and keeps the other direction open; a failure of one side resets the other. */
function join(client: Socket, upstream: Socket): void {
  for (const [socket, peer] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    socket.on('error', () => peer.resetAndDestroy());
    socket.on('close', () => {
      if (!socket.readableEnded && !peer.destroyed) peer.resetAndDestroy();
    });
  }
  client.pipe(upstream);
  upstream.pipe(client);
}
