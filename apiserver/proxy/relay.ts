/**
 * Passes a request on to a backend (a kubelet, a pod, an endpoint of a service) and its answer back, bytes as they come;
 * upgrades become a tunnel. Upstream: `apimachinery/pkg/util/proxy/upgradeaware.go`.
 */
import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { newInternalError, newServiceUnavailable, StatusError } from '../../api/meta/status-error';
import { wasStale } from '../outgoing-request';
import type { ConnectRequest } from '../registry/connect';
import { isPage, sendPage } from './page';
import { answerHeaders, forwardedHeaders, headersFor } from './relayed-headers';
import { type ProxiedSite, rewriteLink } from './rewrite-links';
import { transportErrorMessage } from '../transport-errors';

export interface Backend {
  scheme: 'http' | 'https';
  host: string;
  port: number;
  /** For https: what to present and whom to trust. */
  agent?: https.Agent;
  tls?: https.RequestOptions;
  /** What the backend is called, if not by its address. */
  hostHeader?: string;
}

export interface RelayTarget {
  backend: Backend;
  /** With its query. */
  path: string;
  /** Where the backend's own paths are under the API server: redirects and links of pages are rewritten to it. */
  prefix?: string;
  /** More headers; they replace what the client sent. */
  headers?: OutgoingHttpHeaders;
}

/** The part of a request that is passed on. */
export type Relayed = Pick<ConnectRequest, 'request' | 'response' | 'socket' | 'head'>;

function open(connect: Relayed, target: RelayTarget, isUpgrade: boolean, signal?: AbortSignal): http.ClientRequest {
  const { backend, path, headers } = target;
  const options: https.RequestOptions = {
    host: backend.host,
    port: backend.port,
    method: connect.request.method,
    path,
    headers: {
      ...headersFor(connect.request.headers, isUpgrade),
      ...forwardedHeaders(connect.request, path, target.prefix),
      ...(backend.hostHeader && { host: backend.hostHeader }),
      ...headers,
    },
    ...backend.tls,
    // An upgraded connection is never an agent's again.
    agent: isUpgrade ? false : backend.agent,
    ...(signal && { signal }),
  };
  return backend.scheme === 'https' ? https.request(options) : http.request(options);
}

/** Throws a StatusError while nothing was answered yet. */
export async function relay(connect: Relayed, target: RelayTarget): Promise<void> {
  if (connect.socket) return relayUpgrade(connect, target, connect.socket);
  const { response } = connect;
  if (!response) throw newInternalError('nothing to answer to');
  const gone = new AbortController();
  const abort = (): void => gone.abort();
  response.once('close', abort);
  const answer = await askBackend(connect, target, gone.signal);
  try {
    await pass(answer, response, siteOf(connect, target));
  } catch (error) {
    if (!response.headersSent) throw unreachable(error as Error);
    response.destroy();
  }
  response.off('close', abort);
}

async function pass(answer: IncomingMessage, response: http.ServerResponse, site?: ProxiedSite): Promise<void> {
  const headers = answerHeaders(answer.headers, site);
  if (site && isPage(answer)) return sendPage(answer, response, headers, (link) => rewriteLink(link, site));
  response.writeHead(answer.statusCode ?? 502, headers);
  response.flushHeaders();
  await pipeline(answer, response);
}

const siteOf = ({ request }: Relayed, { prefix, backend }: RelayTarget): ProxiedSite | undefined =>
  prefix === undefined
    ? undefined
    : { prefix, backendHost: `${backend.host}:${backend.port}`, requestHost: request.headers.host };

/**
 * The backend's answer, as soon as it begins. What changes nothing is asked once more when a kept connection was no longer one.
 * Throws ServiceUnavailable.
 */
async function askBackend(connect: Relayed, target: RelayTarget, signal?: AbortSignal): Promise<IncomingMessage> {
  const { request } = connect;
  const sendsBody = hasBody(request);
  const repeatable = !sendsBody && safeMethods.has(request.method ?? '');
  for (let retried = false; ; retried = true) {
    const outgoing = open(connect, target, false, signal);
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve);
      outgoing.on('error', reject);
    });
    // Bodies of relayed requests are unread until here.
    if (sendsBody) request.pipe(outgoing);
    else outgoing.end();
    try {
      return await answered;
    } catch (error) {
      // Whoever still sends gets to know why nobody reads it.
      request.unpipe(outgoing).resume();
      if (retried || !repeatable || signal?.aborted || !wasStale(outgoing, error)) throw unreachable(error as Error);
    }
  }
}

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** The body of the backend's answer, for a client that does not get it as it is. A refusal is thrown as a Status. */
export async function fetchBody(connect: Relayed, target: RelayTarget): Promise<IncomingMessage> {
  const answer = await askBackend(connect, target);
  if ((answer.statusCode ?? 500) >= 400) throw await refusalOf(answer);
  return answer;
}

const unreachable = (error: Error): StatusError =>
  newServiceUnavailable(`error trying to reach service: ${transportErrorMessage(error)}`, { cause: error });

/** The backend's 101 and everything after it goes to the client untouched; a refusal becomes the client's Status. */
async function relayUpgrade(connect: Relayed, target: RelayTarget, client: Duplex): Promise<void> {
  const outgoing = open(connect, target, true);
  const giveUp = (): void => void outgoing.destroy();
  client.once('close', giveUp);
  outgoing.end();
  await new Promise<void>((resolve, reject) => {
    outgoing.once('error', (error) => reject(unreachable(error)));
    outgoing.once('response', (answer) => void refusalOf(answer).then(reject));
    outgoing.once('upgrade', (answer: IncomingMessage, backend: Duplex, head: Buffer) => {
      client.off('close', giveUp);
      client.write(switchingProtocols(answer));
      if (head.length) client.write(head);
      if (connect.head?.length) backend.write(connect.head);
      tunnel(client, backend);
      resolve();
    });
  });
}

function switchingProtocols(answer: IncomingMessage): string {
  const lines = [`HTTP/1.1 101 ${answer.statusMessage ?? 'Switching Protocols'}`];
  for (let i = 0; i < answer.rawHeaders.length; i += 2)
    lines.push(`${answer.rawHeaders[i]}: ${answer.rawHeaders[i + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const lingerMs = 10_000;

/** Joins the two until one is gone; what it had sent still reaches the other. */
function tunnel(client: Duplex, backend: Duplex): void {
  for (const [socket, peer] of [
    [client, backend],
    [backend, client],
  ] as const) {
    socket.on('error', () => peer.destroy());
    socket.once('close', () => {
      if (!socket.readableEnded) return peer.destroy();
      peer.end();
      peer.resume();
      (peer as Partial<Socket>).setTimeout?.(lingerMs, () => peer.destroy());
    });
  }
  client.pipe(backend);
  backend.pipe(client);
}

const maxRefusalBytes = 64 * 1024;

/** The Status in a backend's answer, or its text as an internal error. */
export async function refusalOf(answer: IncomingMessage): Promise<StatusError> {
  let text = '';
  try {
    for await (const chunk of answer) if (text.length < maxRefusalBytes) text += String(chunk);
    const body = JSON.parse(text) as { kind?: string };
    if (body.kind === 'Status') return StatusError.from(body as never, answer.statusCode);
  } catch {
    // No Status: what was read of it says why.
  }
  return new StatusError(
    answer.statusCode ?? 500,
    'InternalError',
    text.trim() || `unexpected answer ${answer.statusCode}`,
  );
}
