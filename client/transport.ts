/**
 * HTTP under the REST client: kept-alive connections over node:https (a third faster than undici here, and 45 MB smaller),
 * credentials that rotate, retries that cannot repeat a write.
 */
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import type { Duplex } from 'node:stream';
import { readFileSync } from 'node:fs';
import { type Clock, systemClock } from '../component-base/clock';
import type { Metrics } from '../component-base/metrics';
import { watchFiles } from '../component-base/tls';
import { type ClusterConfig, readTlsMaterial, tlsFilesOf } from './cluster-config';
import { restClientMetrics } from './metrics';
import { TokenBucket } from './rate-limiter';
import { responseError } from './response-error';

export interface TransportOptions {
  userAgent: string;
  /** Requests a second and at once; unlimited when absent. */
  qps?: number;
  burst?: number;
  clock?: Clock;
  metrics?: Metrics;
}

export interface TransportRequest {
  method: string;
  /** With the query. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal | undefined;
  /** Until the answer is complete. */
  timeoutMs?: number | undefined;
}

export interface Transport {
  /** The body of a successful answer; rejects with StatusError otherwise. */
  send(request: TransportRequest): Promise<string>;
  /** A successful answer's body as it arrives. `timeoutMs` covers only the wait for the headers. */
  stream(request: TransportRequest): Promise<http.IncomingMessage>;
  upgrade(request: TransportRequest): Promise<Duplex>;
  close(): void;
}

/** Upstream re-reads a token file at most once a minute. */
const tokenTtlMs = 60_000;
/** A server that asks to be asked later is asked this often, as client-go does. */
const maxRetries = 10;
/** Requests on connections with replaced credentials may end; then they are cut. */
const oldConnectionsMs = 60_000;

export function createTransport(cluster: ClusterConfig, options: TransportOptions): Transport {
  const clock = options.clock ?? systemClock;
  const base = new URL(cluster.server);
  const secure = base.protocol === 'https:';
  const prefix = base.pathname.replace(/\/+$/, '');
  const bucket = options.qps ? new TokenBucket(options.qps, options.burst ?? options.qps * 2, clock) : undefined;
  const observed = options.metrics && restClientMetrics(options.metrics);

  // One context for all connections; made here so that material that does not fit together is refused at once.
  const tlsOptions = (): https.AgentOptions => ({
    secureContext: tls.createSecureContext(readTlsMaterial(cluster)),
    ...(cluster.insecureSkipTlsVerify && { rejectUnauthorized: false }),
    ...(cluster.tlsServerName && { servername: cluster.tlsServerName }),
  });
  const newAgent = (): http.Agent => {
    const common = { keepAlive: true, keepAliveMsecs: 15_000, scheduling: 'lifo' as const, maxFreeSockets: 64 };
    return secure ? new https.Agent({ ...common, ...tlsOptions() }) : new http.Agent(common);
  };
  let agent = newAgent();
  const stopWatching = watchFiles(secure ? tlsFilesOf(cluster) : [], () => {
    let fresh: http.Agent;
    try {
      fresh = newAgent();
    } catch {
      return; // Half written: the next change brings the rest.
    }
    const old = agent;
    agent = fresh;
    clock.after(oldConnectionsMs, () => old.destroy());
  });

  let token = cluster.token;
  let tokenReadAt = -Infinity;
  const currentToken = (): string | undefined => {
    if (cluster.tokenFile && clock.now() - tokenReadAt > tokenTtlMs) {
      tokenReadAt = clock.now();
      try {
        token = readFileSync(cluster.tokenFile, 'utf8').trim();
      } catch {
        // The old token is used until the file is there again.
      }
    }
    return token;
  };

  const requestOptions = (request: TransportRequest): https.RequestOptions => {
    const bearer = currentToken();
    return {
      method: request.method,
      host: base.hostname.replace(/^\[|\]$/g, ''),
      port: base.port || (secure ? 443 : 80),
      path: prefix + request.path,
      agent,
      headers: {
        accept: 'application/json',
        'user-agent': options.userAgent,
        ...(bearer && { authorization: `Bearer ${bearer}` }),
        ...(request.body !== undefined && { 'content-length': String(Buffer.byteLength(request.body)) }),
        ...request.headers,
      },
    };
  };

  /** One try: the answer with its body unread. */
  const attempt = (request: TransportRequest, signal: AbortSignal | undefined): Promise<http.IncomingMessage> =>
    new Promise((resolve, reject) => {
      const outgoing = (secure ? https : http).request({ ...requestOptions(request), ...(signal && { signal }) });
      outgoing.on('response', resolve);
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        if (signal?.aborted) reject(signal.reason as Error);
        else if (outgoing.reusedSocket && error.code === 'ECONNRESET') reject(new StaleConnectionError(error));
        else reject(error);
      });
      outgoing.end(request.body);
    });

  /** A read whose idle connection the server had just closed is repeated; a write never is: it may have been done. */
  const attemptFresh = async (
    request: TransportRequest,
    signal: AbortSignal | undefined,
  ): Promise<http.IncomingMessage> => {
    for (;;) {
      try {
        return await attempt(request, signal);
      } catch (error) {
        if (!(error instanceof StaleConnectionError)) throw error;
        if (request.method !== 'GET') throw error.cause;
      }
    }
  };

  const open = async (request: TransportRequest, signal?: AbortSignal): Promise<http.IncomingMessage> => {
    for (let retry = 0; ; retry++) {
      const waitMs = bucket?.reserve() ?? 0;
      if (waitMs > 0) await clock.sleep(waitMs, signal);
      const startedAt = clock.now();
      const response = await attemptFresh(request, signal).catch((error: unknown) => {
        observed?.requests.inc({ code: '<error>', method: request.method, host: base.host });
        throw error;
      });
      const code = response.statusCode ?? 0;
      observed?.requests.inc({ code: String(code), method: request.method, host: base.host });
      observed?.duration.observe((clock.now() - startedAt) / 1000, { verb: request.method, host: base.host });
      if (code >= 200 && code < 300) return response;
      const body = await readBody(response);
      // With Retry-After the server says that it did nothing yet.
      const retryAfter = Number(response.headers['retry-after']);
      const mayRetry = (code === 429 || code >= 500) && retryAfter > 0 && retry < maxRetries;
      if (!mayRetry) throw responseError(code, body);
      await clock.sleep(retryAfter * 1000, signal);
    }
  };

  return {
    async send(request) {
      const limit = withTimeout(clock, request);
      try {
        return await readBody(await open(request, limit.signal));
      } catch (error) {
        throw limit.signal.aborted ? (limit.signal.reason as Error) : error;
      } finally {
        limit.clear();
      }
    },
    async stream(request) {
      const limit = withTimeout(clock, request);
      try {
        return await open(request, limit.signal);
      } finally {
        limit.stopTimer();
      }
    },
    upgrade: (request) =>
      new Promise((resolve, reject) => {
        const outgoing = (secure ? https : http).request({
          ...requestOptions({ ...request, headers: { connection: 'Upgrade', ...request.headers } }),
          agent: false,
          ...(secure && tlsOptions()),
          ...(request.signal && { signal: request.signal }),
        });
        outgoing.on('upgrade', (_response, socket, head: Buffer) => {
          if (head.length) socket.unshift(head);
          resolve(socket);
        });
        outgoing.on('response', (response) => {
          readBody(response).then((body) => reject(responseError(response.statusCode ?? 0, body)), reject);
        });
        outgoing.on('error', reject);
        outgoing.end(request.body);
      }),
    close() {
      stopWatching();
      agent.destroy();
    },
  };
}

class StaleConnectionError extends Error {
  constructor(cause: Error) {
    super('the server closed an idle connection', { cause });
  }
}

async function readBody(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return (chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)).toString();
}

/** A request ran out of time. */
export class RequestTimeoutError extends Error {
  override readonly name = 'RequestTimeoutError';
}

interface TimeLimit {
  signal: AbortSignal;
  stopTimer(): void;
  clear(): void;
}

/** Joins the caller's signal and the timeout. */
function withTimeout(clock: Clock, request: TransportRequest): TimeLimit {
  const controller = new AbortController();
  const { signal, timeoutMs = 60_000 } = request;
  const onAbort = (): void => controller.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });
  const stopTimer = clock.after(timeoutMs, () => {
    const path = request.path.split('?', 1)[0];
    controller.abort(new RequestTimeoutError(`${request.method} ${path}: no answer within ${timeoutMs / 1000} s`));
  });
  return {
    signal: controller.signal,
    stopTimer,
    clear() {
      stopTimer();
      signal?.removeEventListener('abort', onAbort);
    },
  };
}
