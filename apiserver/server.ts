/** The HTTPS server: connections, client certificates, and the way from a request to the handler chain. */
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../component-base/clock';
import type { Metrics } from '../component-base/metrics';
import type { ServingTls } from '../component-base/tls';
import type { HandlerChain } from './handler-chain';

/** Longer than the 90 s client-go keeps idle connections: the server must never be the first to close one. */
const keepAliveTimeoutMs = 120_000;
/** Whoever sends headers more slowly only holds a connection. Upstream's ReadHeaderTimeout. */
const headersTimeoutMs = 32_000;
const handshakeTimeoutMs = 10_000;
/** Enough for many groups to impersonate, and little enough to hold for many connections. Go allows 1 MiB. */
const maxHeaderBytes = 32 * 1024;

/** What a request that is no HTTP, or too slow or large for it, is answered with. */
const clientErrors: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

export interface ApiServerListener {
  readonly port: number;
  /**
   * Stops accepting, ends watches, lets what is under way finish for up to `graceMs`, then cuts what is left.
   */
  close(graceMs: number): Promise<void>;
}

export interface ListenOptions {
  tls: ServingTls;
  address: string;
  port: number;
  chain: HandlerChain;
  clock: Clock;
  metrics: Metrics;
}

/** Listens; rejects with one sentence when the port cannot be had. */
export async function listen({ tls, address, port, chain, clock, metrics }: ListenOptions): Promise<ApiServerListener> {
  const server = createServer(
    {
      ...tls.options(),
      requestCert: true,
      rejectUnauthorized: false,
      keepAlive: true,
      noDelay: true,
      keepAliveTimeout: keepAliveTimeoutMs,
      headersTimeout: headersTimeoutMs,
      handshakeTimeout: handshakeTimeoutMs,
      connectionsCheckingInterval: 5_000,
      maxHeaderSize: maxHeaderBytes,
      // Bodies of slow clients are bounded by the request timeout of the chain.
      requestTimeout: 0,
    },
    (request, response) => chain.handle(request, response),
  );
  tls.follow(server);
  server.on('upgrade', (request, socket, head) => chain.upgrade(request, socket, head));
  // Upgraded sockets are no longer the server's own: they are remembered to be cut at the end.
  const sockets = new Set<Duplex>();
  function forget(this: Duplex): void {
    sockets.delete(this);
  }
  server.on('secureConnection', (socket) => {
    readThroughStream(socket);
    sockets.add(socket);
    socket.on('close', forget);
  });
  const handshakeErrors = metrics.counter({
    name: 'apiserver_tls_handshake_errors_total',
    help: "Number of requests dropped with 'TLS handshake error from' error",
  });
  server.on('tlsClientError', () => handshakeErrors.inc());
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = clientErrors[error.code ?? ''] ?? '400 Bad Request';
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === 'EADDRINUSE' ? 'the port is already in use' : cause.message;
      reject(new Error(`cannot listen on ${address}:${port}: ${reason}`, { cause }));
    });
    server.listen(port, address, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close(graceMs) {
      await shutDown(server, sockets, { chain, clock, graceMs });
    },
  };
}

/**
 * Takes the parser off the socket's native handle, where Node puts it for speed: there a paused parser is still fed. Node
 * pauses it when a request follows a large answer whose last write it has not yet heard of, and the rest of the body then
 * ended as `HPE_PAUSED`: 400 for a valid request. A stream waits. A `data` listener, however short-lived, is what does it.
 */
function readThroughStream(socket: Duplex): void {
  const listener = (): void => {};
  socket.on('data', listener);
  socket.removeListener('data', listener);
}

async function shutDown(
  server: Server,
  sockets: ReadonlySet<Duplex>,
  { chain, clock, graceMs }: { chain: HandlerChain; clock: Clock; graceMs: number },
): Promise<void> {
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  // Whoever is to be refused must be let in first.
  let closed = chain.refusesWhenStopping ? undefined : close();
  chain.endLongRunning();
  const deadline = clock.now() + graceMs;
  while (chain.active > 0 && clock.now() < deadline) {
    server.closeIdleConnections();
    await clock.sleep(20);
  }
  closed ??= close();
  server.closeIdleConnections();
  for (const socket of sockets) socket.destroy();
  await closed;
}
