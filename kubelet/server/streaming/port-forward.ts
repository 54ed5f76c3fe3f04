/**
 * Port-forward for a client: each connection it takes becomes a pair of streams, one for data and one for errors, which is
 * joined to a connection inside the pod. Upstream: `kubelet/pkg/cri/streaming/portforward`.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex, Readable, Writable } from 'node:stream';
import { newBadRequest } from '../../../api/meta/status-error';
import { Channels, channelProtocols } from './channels';
import { SpdyConnection } from './spdy-connection';
import type { SpdyStream } from './spdy-stream';
import { acceptSpdy, chooseSpdyProtocol } from './spdy-upgrade';
import { acceptWebSocket, isWebSocket, offeredProtocols } from './websocket';
import { duplexOf } from './websocket-duplex';

/** Connects to `localhost:port` inside the pod. */
export type Dial = (port: number) => Promise<Duplex>;

const spdyProtocol = 'portforward.k8s.io';
const tunnelProtocol = 'SPDY/3.1+portforward.k8s.io';

/** `ports` are those of the query, which only the channel protocols use. Resolves when the client is gone. */
export async function servePortForward(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  ports: number[],
  dial: Dial,
): Promise<void> {
  if (!isWebSocket(request)) {
    acceptSpdy(socket, chooseSpdyProtocol(request, [spdyProtocol]));
    return forwardStreams(socket, head, dial);
  }
  const offered = offeredProtocols(request);
  if (offered.includes(tunnelProtocol)) {
    const { socket: ws } = await acceptWebSocket(request, socket, head, tunnelProtocol);
    return forwardStreams(duplexOf(ws), Buffer.alloc(0), dial);
  }
  const protocol = channelProtocols.find((name) => offered.includes(name)) ?? '';
  if (!ports.length) throw newBadRequest('query parameter "port" is required');
  const { socket: ws } = await acceptWebSocket(request, socket, head, protocol);
  return forwardChannels(new Channels(ws, protocol), ports, dial, new Promise((resolve) => ws.once('close', resolve)));
}

interface StreamPair {
  data?: SpdyStream;
  error?: SpdyStream;
}

/** Streams come in pairs with one `requestid`; a client without ids opens the error stream right before the data stream. */
async function forwardStreams(socket: Duplex, head: Buffer, dial: Dial): Promise<void> {
  const pairs = new Map<string, StreamPair>();
  const connection = new SpdyConnection({
    socket,
    head,
    onStream(stream) {
      const kind = stream.headers.streamtype;
      const port = Number(stream.headers.port);
      if ((kind !== 'data' && kind !== 'error') || !(port > 0 && port < 65_536)) throw new Error('no such stream');
      const id = stream.headers.requestid ?? String(kind === 'error' ? stream.id : stream.id - 2);
      const pair = pairs.get(id) ?? {};
      if (pair[kind]) throw new Error('the stream is there already');
      pair[kind] = stream;
      pairs.set(id, pair);
      if (!pair.data || !pair.error) return;
      pairs.delete(id);
      void forward(pair.data, pair.data, pair.error, port, dial);
      pair.error.resume();
    },
  });
  await connection.closedPromise;
}

/** Channel 2n carries the data of the n-th port, 2n+1 its errors; both begin with the port in two bytes. */
async function forwardChannels(
  channels: Channels,
  ports: number[],
  dial: Dial,
  closed: Promise<unknown>,
): Promise<void> {
  for (const [index, port] of ports.entries()) {
    const [data, errors] = [channels.output(index * 2), channels.output(index * 2 + 1)];
    const announcement = Buffer.alloc(2);
    announcement.writeUInt16LE(port);
    data.write(announcement);
    errors.write(announcement);
    void forward(channels.input(index * 2), data, errors, port, dial);
  }
  await closed;
}

/**
 * Joins one connection. A failure is told on the error stream, in upstream's words. The pod's end of the connection ends it
 * all: kubectl up to 1.32 keeps its own end open until the error stream has ended.
 */
async function forward(from: Readable, to: Writable, errors: Writable, port: number, dial: Dial): Promise<void> {
  let connection: Duplex;
  try {
    connection = await dial(port);
  } catch (error) {
    const reason = (error as Error).message;
    errors.end(
      `error forwarding port ${port} to pod: failed to connect to localhost:${port} inside namespace: ${reason}`,
    );
    to.end();
    from.resume();
    return;
  }
  // The client may have gone while the connection was made.
  if (to.destroyed) return void connection.on('error', () => {}).destroy();
  from.on('error', () => connection.destroy());
  connection.on('error', () => to.end());
  to.once('close', () => connection.destroy());
  from.pipe(connection);
  connection.pipe(to);
  await new Promise<void>((resolve) => connection.once('end', resolve).once('close', resolve));
  to.end();
  errors.end();
  from.unpipe(connection).resume();
  connection.destroy();
}
