/**
 * A SPDY/3.1 client that writes what client-go writes: no `:method` headers, data frames of up to 32 KiB, never a
 * WINDOW_UPDATE. Inflating and deflating share the server's codec; its dictionary has a test of its own.
 */
import { randomBytes } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { HeaderCodec, type SpdyHeaders } from '../../kubelet/server/streaming/spdy-headers';

const frameBytes = 32 * 1024;

/** One stream, seen from the client. */
export interface SpdyClientStream {
  readonly id: number;
  /** What came so far. */
  received(): Buffer;
  /** Everything, once the server has said FIN; rejects when the stream is reset. */
  readonly ended: Promise<Buffer>;
  write(data: Buffer | string): void;
  /** FIN: this side sends no more. */
  end(): void;
  reset(): void;
}

interface OpenStream {
  chunks: Buffer[];
  opened(): void;
  finished(): void;
  failed(error: Error): void;
}

const uint32 = (...values: number[]): Buffer => {
  const buffer = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => buffer.writeUInt32BE(value, index * 4));
  return buffer;
};

function frame(head: Buffer, flags: number, body: Buffer): Buffer {
  const rest = Buffer.alloc(4);
  rest.writeUInt8(flags, 0);
  rest.writeUIntBE(body.length, 1, 3);
  return Buffer.concat([head, rest, body]);
}

const controlFrame = (kind: number, flags: number, body: Buffer): Buffer =>
  frame(uint32(0x80030000 + kind), flags, body);

export class SpdyClient {
  private readonly codec = new HeaderCodec();
  private readonly streams = new Map<number, OpenStream>();
  private readonly pings = new Map<number, () => void>();
  private nextId = 1;
  private buffer: Buffer = Buffer.alloc(0);
  /** Bytes that WINDOW_UPDATE frames gave back, by stream. */
  readonly windowUpdates = new Map<number, number>();
  goneAway = false;
  /** Resolves when the server has closed the connection. */
  readonly closed: Promise<void>;

  constructor(readonly socket: Duplex) {
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => this.consume(chunk));
    socket.on('end', () => socket.end());
    void this.closed.then(() => {
      for (const stream of this.streams.values()) stream.failed(new Error('the connection is closed'));
      this.codec.close();
    });
  }

  /** Resolves when the server has accepted the stream; rejects when it refuses. */
  async open(headers: SpdyHeaders, { fin = false } = {}): Promise<SpdyClientStream> {
    const id = this.nextId;
    this.nextId += 2;
    const chunks: Buffer[] = [];
    const block = await this.codec.encode(headers);
    let opened: () => void = () => {};
    let refused: (error: Error) => void = () => {};
    const accepted = new Promise<void>((resolve, reject) => ([opened, refused] = [resolve, reject]));
    const ended = new Promise<Buffer>((resolve, reject) => {
      this.streams.set(id, {
        chunks,
        opened,
        finished: () => resolve(Buffer.concat(chunks)),
        failed(error) {
          refused(error);
          reject(error);
        },
      });
    });
    ended.catch(() => {});
    this.socket.write(controlFrame(1, fin ? 1 : 0, Buffer.concat([uint32(id, 0), Buffer.alloc(2), block])));
    await accepted;
    return {
      id,
      received: () => Buffer.concat(chunks),
      ended,
      write: (data) => this.data(id, Buffer.from(data)),
      end: () => void this.socket.write(frame(uint32(id), 1, Buffer.alloc(0))),
      reset: () => void this.socket.write(controlFrame(3, 0, uint32(id, 5))),
    };
  }

  /** Resolves when the server has echoed the ping. */
  ping(id: number): Promise<void> {
    this.socket.write(controlFrame(6, 0, uint32(id)));
    return new Promise((resolve) => this.pings.set(id, resolve));
  }

  close(): void {
    this.socket.destroy();
  }

  private data(id: number, data: Buffer): void {
    for (let offset = 0; offset < data.length; offset += frameBytes) {
      this.socket.write(frame(uint32(id), 0, data.subarray(offset, offset + frameBytes)));
    }
  }

  private consume(chunk: Buffer): void {
    this.buffer = Buffer.concat([this.buffer, chunk]);
    while (this.buffer.length >= 8) {
      const length = this.buffer.readUIntBE(5, 3);
      if (this.buffer.length < 8 + length) return;
      const [first, flags] = [this.buffer.readUInt32BE(0), this.buffer.readUInt8(4)];
      const body = this.buffer.subarray(8, 8 + length);
      this.buffer = this.buffer.subarray(8 + length);
      if (first >= 0x80000000) this.control(first & 0xffff, body);
      else this.take(first, flags, body);
    }
  }

  private take(id: number, flags: number, body: Buffer): void {
    const stream = this.streams.get(id);
    stream?.chunks.push(Buffer.from(body));
    if (flags & 1) stream?.finished();
  }

  private control(kind: number, body: Buffer): void {
    const id = body.readUInt32BE(0);
    if (kind === 2) {
      // Every reply is inflated, in order: the compressor's state depends on it.
      void this.codec.decode(body.subarray(4)).then(() => this.streams.get(id)?.opened());
    }
    if (kind === 3) this.streams.get(id)?.failed(new Error(`stream ${id} was reset: ${body.readUInt32BE(4)}`));
    if (kind === 6) this.pings.get(id)?.();
    if (kind === 7) this.goneAway = true;
    if (kind === 9) this.windowUpdates.set(id, (this.windowUpdates.get(id) ?? 0) + body.readUInt32BE(4));
  }
}

interface Upgraded {
  answer: IncomingMessage;
  socket: Duplex;
  head: Buffer;
}

/** Asks a local HTTP server to switch protocols. Rejects with its answer when it does not. */
export function upgrade(port: number, path: string, headers: Record<string, string | string[]>): Promise<Upgraded> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      port,
      host: '127.0.0.1',
      path,
      method: headers.upgrade === 'websocket' ? 'GET' : 'POST',
      agent: false,
      headers,
    });
    outgoing.on('upgrade', (answer, socket, head) => resolve({ answer, socket, head }));
    outgoing.on('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => reject(new Error(`${answer.statusCode}: ${text}`)));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** As `kubectl exec` up to 1.29 and `kubectl port-forward` up to 1.30 do. */
export async function connectSpdy(
  port: number,
  path: string,
  protocols: string[],
): Promise<{ client: SpdyClient; protocol: string | undefined }> {
  const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': protocols };
  const { answer, socket, head } = await upgrade(port, path, headers);
  if (head.length) socket.unshift(head);
  const protocol = answer.headers['x-stream-protocol-version'];
  return { client: new SpdyClient(socket), protocol: String(protocol) };
}

/**
 * A WebSocket with a subprotocol that `ws` would refuse to ask for, as kubectl 1.31 and later open for port-forward: the
 * handshake is done by hand.
 */
export async function connectTunnel(port: number, path: string, protocol: string): Promise<WebSocket> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    'sec-websocket-protocol': protocol,
  };
  const { answer, socket, head } = await upgrade(port, path, headers);
  if (answer.headers['sec-websocket-protocol'] !== protocol) throw new Error('another subprotocol was chosen');
  const client = new (WebSocket as any)(null, undefined, {}) as WebSocket & {
    _isServer: boolean;
    setSocket(socket: Duplex, head: Buffer, options: object): void;
  };
  client._isServer = false;
  client.setSocket(socket, head, { allowSynchronousEvents: true, maxPayload: 0, skipUTF8Validation: true });
  return client;
}
