/**
 * The kubelet's HTTPS API: what the API server's log, exec, attach, port-forward and node proxy lead to. Upstream:
 * `pkg/kubelet/server/server.go`.
 */
import type { IncomingMessage } from 'node:http';
import { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import express, { type NextFunction, type Request, type Response } from 'express';
import { newInternalError, newNotFound, StatusError } from '../../api/meta/status-error';
import type { DelegatedAuth } from '../../client/delegated-auth';
import type { Health } from '../../component-base/health';
import type { Logger } from '../../component-base/logger';
import type { Metrics } from '../../component-base/metrics';
import type { ServingTls } from '../../component-base/tls';
import { RuntimeError, type StreamingRuntime } from '../runtime/runtime';
import { authorizeRequest } from './authorization';
import { parseLogOptions, streamLogs } from './container-logs';
import { type KubeletPods, logContainer, requirePod } from './pod-lookup';
import { serveStream } from './streams';

export interface KubeletServerDeps {
  address: string;
  port: number;
  nodeName: string;
  tls: ServingTls;
  auth: DelegatedAuth;
  runtime: StreamingRuntime;
  pods: KubeletPods;
  health: Health;
  metrics: Metrics;
  /** `stats/v1alpha1` Summary. */
  statsSummary(): Promise<object>;
  /** `/metrics/resource`, in Prometheus' text form. */
  resourceMetrics(): Promise<string>;
  log: Logger;
}

export interface KubeletServer {
  readonly port: number;
  /** Stops accepting and cuts what is open. */
  close(): Promise<void>;
}

/** Rejects with one sentence when the port cannot be had. */
export async function startKubeletServer(deps: KubeletServerDeps): Promise<KubeletServer> {
  const app = createApp(deps);
  const server = createServer(
    { ...deps.tls.options(), requestCert: true, rejectUnauthorized: false, noDelay: true, keepAliveTimeout: 120_000 },
    (request, response) => void app(request, response),
  );
  deps.tls.follow(server);
  const sockets = new Set<Socket>();
  server.on('secureConnection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    void upgrade(request, socket, head, deps);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new Error(`cannot listen on ${deps.address}:${deps.port}: ${cause.message}`, { cause }));
    });
    server.listen(deps.port, deps.address, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function createApp(deps: KubeletServerDeps): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(async (request, _response, next) => {
    await authorizeRequest(request, request.path, deps.nodeName, deps.auth);
    next();
  });
  app.get('/healthz{/*rest}', async (request, response) => {
    const answer = await deps.health.handle(request.url);
    response
      .status(answer?.code ?? 404)
      .type('text/plain')
      .send(answer?.body ?? '404 page not found\n');
  });
  app.get('/pods', (_request, response) => {
    response.json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: deps.pods.list() });
  });
  app.get('/containerLogs/:namespace/:pod/:container', async (request, response) => {
    const { namespace, pod: name, container } = request.params;
    const query = new URL(request.url, 'https://kubelet').searchParams;
    const { previous, limitBytes, request: options } = parseLogOptions(query);
    const read = (): Promise<void> => {
      const containerId = logContainer(requirePod(deps.pods, namespace, name), container, previous);
      return streamLogs(deps.runtime, { ...options, containerId }, limitBytes, response);
    };
    await read().catch((error: unknown) => {
      // A restart removes the instance before the last: the one that was looked up may be gone.
      const isGone = error instanceof RuntimeError && (error.code === 404 || error.code === 409);
      if (!isGone || response.headersSent) throw error;
      return read();
    });
  });
  app.get('/stats/summary', async (_request, response) => {
    response.json(await deps.statsSummary());
  });
  app.get('/metrics', async (_request, response) => {
    response.type(deps.metrics.contentType).send(await deps.metrics.text());
  });
  app.get('/metrics/resource', async (_request, response) => {
    response.type(deps.metrics.contentType).send(await deps.resourceMetrics());
  });
  app.use((request, _response, next) => next(newNotFound({ group: '', resource: 'paths' }, request.path)));
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    answerError(response, error, deps.log);
  });
  return app;
}

function answerError(response: ServerResponse, error: unknown, log: Logger): void {
  const failure = error instanceof StatusError ? error : newInternalError(error);
  if (failure.code >= 500) log.error({ err: error }, 'Request failed');
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = JSON.stringify(failure.status);
  response.writeHead(failure.code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** Until the streaming protocol takes over, a refusal is an ordinary answer on the socket. */
async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, deps: KubeletServerDeps): Promise<void> {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  const before = (socket as Socket).bytesWritten;
  try {
    const url = new URL(request.url ?? '/', 'https://kubelet');
    await authorizeRequest(request, url.pathname, deps.nodeName, deps.auth);
    await serveStream({ request, socket, head, url }, deps);
    socket.end();
  } catch (error) {
    if ((socket as Socket).bytesWritten !== before) {
      deps.log.debug({ err: error }, 'Stream ended');
      socket.destroy();
      return;
    }
    response.assignSocket(socket as Socket);
    response.on('finish', () => socket.end());
    answerError(response, error, deps.log);
  }
}
