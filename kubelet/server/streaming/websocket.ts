/**
 * Accepts WebSockets for the streaming protocols. The only user of `ws`, whose subprotocol parser refuses the "/" in
 * `SPDY/3.1+portforward.k8s.io`: the header is taken out before the handshake, and the choice put back into the answer.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';

export interface AcceptedWebSocket {
  socket: WebSocket;
  protocol: string;
}

const protocolHeader = 'sec-websocket-protocol';

/** The subprotocols a client offers, in its order. */
export const offeredProtocols = (request: IncomingMessage): string[] =>
  (request.headers[protocolHeader] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

export const isWebSocket = (request: IncomingMessage): boolean =>
  request.headers.upgrade?.toLowerCase() === 'websocket';

/**
 * Completes the handshake with the given subprotocol; '' for none. The socket is paused until its messages are listened to.
 * Never resolves when the handshake is refused.
 */
export function acceptWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  protocol: string,
): Promise<AcceptedWebSocket> {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 16 * 1024 * 1024 });
  delete request.headers[protocolHeader];
  server.on('headers', (lines) => {
    if (protocol) lines.push(`Sec-WebSocket-Protocol: ${protocol}`);
  });
  return new Promise((resolve) => {
    server.handleUpgrade(request, socket, head, (accepted) => {
      accepted.on('error', () => {});
      accepted.pause();
      resolve({ socket: accepted, protocol });
    });
  });
}
