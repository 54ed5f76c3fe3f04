/** The handshake of SPDY/3.1 with the stream protocol that client and server share. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { newBadRequest, StatusError } from '../../../api/meta/status-error';

const protocolHeader = 'x-stream-protocol-version';

export const isSpdy = (request: IncomingMessage): boolean => request.headers.upgrade?.toLowerCase() === 'spdy/3.1';

/** The first of ours that the client offers. Throws a StatusError: 400 when it is no SPDY, 403 when nothing is shared. */
export function chooseSpdyProtocol(request: IncomingMessage, ours: string[]): string {
  if (!isSpdy(request)) throw newBadRequest('Upgrade request required');
  const header = request.headers[protocolHeader];
  const offered = (Array.isArray(header) ? header : (header ?? '').split(','))
    .map((name) => name.trim())
    .filter(Boolean);
  const chosen = ours.find((name) => offered.includes(name));
  if (!chosen) {
    throw new StatusError(
      403,
      'Forbidden',
      `unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${ours.join(' ')}]`,
    );
  }
  return chosen;
}

export function acceptSpdy(socket: Duplex, protocol: string): void {
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Connection: Upgrade',
    'Upgrade: SPDY/3.1',
    `X-Stream-Protocol-Version: ${protocol}`,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
}
