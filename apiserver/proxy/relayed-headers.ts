/** Headers of requests and answers that are passed on. Upstream: `apimachinery/pkg/util/proxy`, and `httputil.ReverseProxy` of Go. */
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { type ProxiedSite, rewriteLink } from './rewrite-links';

/** Meant for one connection only (RFC 9110, 7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What proves the caller to us is not the backend's to see. */
const isCredential = (name: string): boolean =>
  name === 'authorization' || name.startsWith('x-remote-') || name.startsWith('impersonate-');

/** A body of unknown length stays framed: Node would send that of a DELETE bare, as the start of another request. */
export function headersFor(headers: IncomingHttpHeaders, isUpgrade: boolean): OutgoingHttpHeaders {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const kept = Object.entries(headers).filter(
    ([name]) => !isCredential(name) && !hopByHop.has(name) && !named.includes(name) && name !== 'host',
  );
  return {
    ...Object.fromEntries(kept),
    ...(headers['transfer-encoding'] && { 'transfer-encoding': 'chunked' }),
    ...(isUpgrade && { connection: 'Upgrade', upgrade: headers.upgrade }),
  };
}

/** For whom it is passed on, and what the client calls the path. */
export function forwardedHeaders(
  { headers, socket }: IncomingMessage,
  path: string,
  prefix?: string,
): OutgoingHttpHeaders {
  const address = socket.remoteAddress?.replace(/^::ffff:/, '');
  const clients = [headers['x-forwarded-for'] ?? [], address ?? []].flat();
  return {
    ...(clients.length && { 'x-forwarded-for': clients.join(', ') }),
    ...(prefix !== undefined && { 'x-forwarded-uri': prefix + path.replace(/\?.*$/s, '') }),
  };
}

export function answerHeaders(headers: IncomingHttpHeaders, site?: ProxiedSite): OutgoingHttpHeaders {
  const isDropped = (name: string): boolean =>
    hopByHop.has(name) ||
    // The request's audit id is this server's, whatever a backend makes of it.
    name === 'audit-id' ||
    // No backend says who may read what this server answers.
    (site !== undefined && name.startsWith('access-control-allow-'));
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !isDropped(name)));
  const { location } = headers;
  return site && location ? { ...kept, location: rewriteLink(location, site) } : kept;
}
