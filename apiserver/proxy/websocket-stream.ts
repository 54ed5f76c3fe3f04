/**
 * A stream of bytes (a container's log) for a client that asks for it over WebSocket: a message for each piece. Upstream:
 * `apimachinery/pkg/util/httpstream/wsstream/stream.go`.
 */
import type { Readable } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Relayed } from './relay';

const base64Protocol = 'base64.binary.k8s.io';
/** Without any of them, pieces are binary, too. */
const protocols = ['binary.k8s.io', base64Protocol];

const choose = (offered: Set<string>): string | false => protocols.find((name) => offered.has(name)) ?? false;

/** Resolves when all was sent, or the client is gone. */
export async function sendOverWebSocket({ request, socket, head }: Relayed, source: Readable): Promise<void> {
  const server = new WebSocketServer({ noServer: true, maxPayload: 4096, handleProtocols: choose });
  const client = await new Promise<WebSocket>((resolve) => {
    server.handleUpgrade(request, socket!, head ?? Buffer.alloc(0), resolve);
  });
  client.once('close', () => source.destroy());
  client.once('error', () => source.destroy());
  const base64 = client.protocol === base64Protocol;
  try {
    // An empty message tells that the stream is open.
    await send(client, base64 ? '' : Buffer.alloc(0));
    for await (const piece of source) {
      await send(client, base64 ? (piece as Buffer).toString('base64') : (piece as Buffer));
    }
    client.close(1000);
  } catch {
    client.terminate();
  }
}

const send = (client: WebSocket, message: Buffer | string): Promise<void> =>
  new Promise((resolve, reject) => {
    client.send(message, (error) => (error ? reject(error) : resolve()));
  });
