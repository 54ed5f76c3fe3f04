/** The small server of health and metrics that every process but the API server and the kubelet runs. */
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Health } from './health';
import type { Logger } from './logger';
import type { Metrics } from './metrics';
import { createServingTls, type TlsFiles } from './tls';

/** The answer of an authorizer: undefined allows. */
export interface Refusal {
  code: number;
  message: string;
}

export interface ServingOptions {
  address: string;
  port: number;
  /** Without it the server speaks plain HTTP. */
  tls?: TlsFiles;
  health: Health;
  metrics?: Metrics;
  /** Asked for everything but health. */
  authorize?(request: http.IncomingMessage, path: string): Promise<Refusal | undefined>;
  log: Logger;
  signal: AbortSignal;
}

export interface Serving {
  /** The port in use, also when 0 was asked for. */
  readonly port: number;
  close(): Promise<void>;
}

/** Listens, and closes when the signal aborts. Rejects with one sentence when the port cannot be had. */
export async function startServing(options: ServingOptions): Promise<Serving> {
  const tls = options.tls && createServingTls(options.tls, options.log);
  const listener: http.RequestListener = (request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      options.log.error({ err: error }, 'Request failed');
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  };
  const server = tls ? https.createServer(tls.options(), listener) : http.createServer(listener);
  if (tls) tls.follow(server as https.Server);
  await listen(server, options);
  const close = async (): Promise<void> => {
    tls?.close();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  options.signal.addEventListener('abort', () => void close(), { once: true });
  return { port: (server.address() as AddressInfo).port, close };
}

function listen(server: http.Server, { address, port }: ServingOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === 'EADDRINUSE' ? 'the port is already in use' : cause.message;
      reject(new Error(`cannot listen on ${address}:${port}: ${reason}`, { cause }));
    });
    server.listen(port, address, resolve);
  });
}

async function answer(
  options: ServingOptions,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  request.resume();
  const send = (code: number, body: string, contentType = 'text/plain; charset=utf-8'): void => {
    response.writeHead(code, {
      'content-type': contentType,
      'content-length': Buffer.byteLength(body),
      'x-content-type-options': 'nosniff',
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(405, 'Method Not Allowed\n');
  const url = request.url ?? '/';
  const health = await options.health.handle(url);
  if (health) return send(health.code, health.body);
  const path = url.split('?', 1)[0] ?? '/';
  const refusal = await options.authorize?.(request, path);
  if (refusal) return send(refusal.code, `${refusal.message}\n`);
  if (path === '/metrics' && options.metrics)
    return send(200, await options.metrics.text(), options.metrics.contentType);
  send(404, '404 page not found\n');
}
