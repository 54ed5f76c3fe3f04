/** Cluster DNS on UDP and TCP, on a high port of the kube-dns address: the portal brings port 53 here. */
import { createSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { preferredHighPort } from '../service-listeners';
import type { Mapping } from '../portal';
import type { Responder } from './responder';
import { lengthOf } from './upstream';

const port = 53;
const idleMs = 10_000;
const attempts = 100;

export interface DnsServer {
  mappings: Mapping[];
  close(): void;
}

/** Listens on the first port from the preferred one on that is free for both. Rejects with the bind's error when there is none. */
export async function startDnsServer(address: string, respond: Responder): Promise<DnsServer> {
  for (let listenPort = preferredHighPort(port); ; listenPort++) {
    try {
      return await listenAt(address, listenPort, respond);
    } catch (error) {
      // A listener of the Service may be there, from a time when it had pods of its own.
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!isTaken || listenPort === preferredHighPort(port) + attempts) throw error;
    }
  }
}

async function listenAt(address: string, listenPort: number, respond: Responder): Promise<DnsServer> {
  const udp = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  let closed = false;
  udp.on('message', (query, { address: clientAddress, port: clientPort }) => {
    // From port 0 nobody can be answered, and sending there throws.
    if (clientPort === 0) return;
    void respond(query, 'udp').then((answer) => answer && !closed && udp.send(answer, clientPort, clientAddress));
  });
  const tcp = createServer({ allowHalfOpen: true }, (socket) => serveTcp(socket, respond));
  const close = (): void => {
    closed = true;
    udp.close();
    tcp.close();
  };
  const bound = await Promise.allSettled([
    new Promise<void>((resolve, reject) => udp.once('error', reject).bind(listenPort, address, resolve)),
    listening(tcp, listenPort, address),
  ]);
  for (const socket of [udp, tcp]) socket.removeAllListeners('error').on('error', () => {});
  for (const attempt of bound) {
    if (attempt.status === 'fulfilled') continue;
    // The one that is bound would be in the way of the next attempt.
    close();
    throw attempt.reason;
  }
  const mapping = { address, port, listenAddress: address, listenPort };
  return {
    mappings: [
      { ...mapping, protocol: 'UDP' },
      { ...mapping, protocol: 'TCP' },
    ],
    close,
  };
}

const listening = (server: Server, listenPort: number, address: string): Promise<void> =>
  new Promise((resolve, reject) => server.once('error', reject).listen(listenPort, address, resolve));

/** Queries of one connection are answered in order, each behind its length. */
function serveTcp(socket: Socket, respond: Responder): void {
  let received = Buffer.alloc(0);
  let queue = Promise.resolve();
  socket.setTimeout(idleMs, () => socket.destroy());
  socket.on('error', () => {});
  // A client may say that it has no more questions before it has the answers.
  socket.on('end', () => void queue.then(() => socket.end()));
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      const query = Buffer.from(received.subarray(2, end));
      received = received.subarray(end);
      queue = queue.then(async () => {
        const answer = await respond(query, 'tcp');
        if (answer && !socket.destroyed) socket.write(Buffer.concat([lengthOf(answer), answer]));
      });
    }
  });
}
