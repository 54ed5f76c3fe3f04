/** Finds the bearer token of a request, in the Authorization header or, for browsers' WebSockets, in the subprotocols. */
import type { IncomingMessage } from 'node:http';

const protocolPrefix = 'base64url.bearer.authorization.k8s.io.';

/**
 * Takes the token out of the request, so that it travels no further (proxies, audit). Undefined when there is none; '' when
 * the header is there and empty.
 */
export function takeBearerToken(request: Pick<IncomingMessage, 'headers'>): string | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const [scheme, token] = authorization.trim().split(/ +/, 2);
    if (scheme?.toLowerCase() !== 'bearer' || !token) return undefined;
    delete request.headers.authorization;
    return token;
  }
  const offered = request.headers['sec-websocket-protocol'];
  if (!offered?.includes(protocolPrefix)) return undefined;
  const protocols = offered.split(',').map((protocol) => protocol.trim());
  const rest = protocols.filter((protocol) => !protocol.startsWith(protocolPrefix));
  // Upstream asks for another protocol beside the token, which the server can answer with.
  if (rest.length === 0) return undefined;
  request.headers['sec-websocket-protocol'] = rest.join(',');
  const token = protocols.find((protocol) => protocol.startsWith(protocolPrefix))!;
  return Buffer.from(token.slice(protocolPrefix.length), 'base64url').toString();
}
