/**
 * The server side of SPDY/3.1 as client-go speaks it: streams that the client opens, no push, no use of send windows
 * (client-go never updates them; back-pressure comes from the socket). Upstream: `moby/spdystream`.
 */
import type { Duplex } from 'node:stream';
import { HeaderCodec } from './spdy-headers';
import { type FrameWriter, SpdyStream } from './spdy-stream';

const version = 3;
const type = { synStream: 1, synReply: 2, rstStream: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 9 } as const;
const flagFin = 0x01;
const headerBytes = 8;
const maxControlBytes = 1 << 20;
const rstProtocolError = 1;
const rstCancel = 5;

export interface SpdyConnectionOptions {
  socket: Duplex;
  /** What came behind the upgrade request. */
  head: Buffer;
  /** A stream the client opened. It is accepted when this returns, refused when it throws. */
  onStream(stream: SpdyStream): void;
}

export class SpdyConnection implements FrameWriter {
  private readonly codec = new HeaderCodec();
  private readonly streams = new Map<number, SpdyStream>();
  private lastStreamId = 0;
  /** The next reply's headers, compressed ahead: a refused stream leaves it to the one after. */
  private replyBlock: Buffer | undefined;
  /** Resolves when the connection is over. */
  readonly closedPromise: Promise<void>;

  constructor(private readonly options: SpdyConnectionOptions) {
    options.socket.on('error', () => {});
    // Also while a stream that nobody reads holds up the reading of frames.
    const closed = new Promise<void>((resolve) => options.socket.once('close', resolve));
    this.closedPromise = Promise.race([this.run().catch(() => {}), closed]).finally(() => this.tearDown());
  }

  private async run(): Promise<void> {
    let pending = this.options.head;
    pending = await this.consume(pending);
    for await (const chunk of this.options.socket as AsyncIterable<Buffer>) {
      pending = await this.consume(pending.length ? Buffer.concat([pending, chunk]) : chunk);
    }
  }

  /** Handles the whole frames in the buffer and gives the rest. */
  private async consume(buffer: Buffer): Promise<Buffer> {
    let rest = buffer;
    while (rest.length >= headerBytes) {
      const first = rest.readUInt32BE(0);
      const flags = rest.readUInt8(4);
      const length = rest.readUIntBE(5, 3);
      const isControl = first >= 0x8000_0000;
      if (isControl && length > maxControlBytes) throw new Error('SPDY control frame is too large');
      if (rest.length < headerBytes + length) break;
      const body = rest.subarray(headerBytes, headerBytes + length);
      rest = rest.subarray(headerBytes + length);
      if (isControl) await this.control(first & 0xffff, flags, body);
      else await this.receive(first, flags, body);
    }
    return rest;
  }

  private async receive(id: number, flags: number, body: Buffer): Promise<void> {
    const stream = this.streams.get(id);
    if (!stream) return;
    await stream.receive(body);
    if (flags & flagFin) stream.finish();
  }

  private async control(kind: number, flags: number, body: Buffer): Promise<void> {
    switch (kind) {
      case type.synStream:
        return this.open(body.readUInt32BE(0) & 0x7fff_ffff, flags, body.subarray(10));
      case type.rstStream:
        this.streams.get(body.readUInt32BE(0) & 0x7fff_ffff)?.abort();
        return;
      case type.ping:
        // Odd ids are the client's questions: the answer is the same frame.
        if (body.readUInt32BE(0) % 2 === 1) this.write(controlFrame(type.ping, 0, body));
        return;
      default:
      // SETTINGS, GOAWAY, HEADERS and WINDOW_UPDATE change nothing here.
    }
  }

  private async open(id: number, flags: number, block: Buffer): Promise<void> {
    const headers = await this.codec.decode(block);
    if (id <= this.lastStreamId || id % 2 === 0) {
      this.write(rstFrame(id, rstProtocolError));
      return;
    }
    this.lastStreamId = id;
    this.replyBlock ??= await this.codec.encode({});
    const stream = new SpdyStream(id, headers, this);
    this.streams.set(id, stream);
    try {
      this.options.onStream(stream);
    } catch {
      stream.destroy();
      return;
    }
    // Without a turn of the event loop in between: client-go drops data that comes before the reply.
    this.write(controlFrame(type.synReply, 0, Buffer.concat([uint32(id), this.replyBlock])));
    this.replyBlock = undefined;
    if (flags & flagFin) stream.finish();
  }

  private write(frame: Buffer): void {
    if (!this.options.socket.destroyed && this.options.socket.writable) this.options.socket.write(frame);
  }

  data(id: number, chunk: Buffer, last: boolean, done: (error?: Error | null) => void): void {
    const { socket } = this.options;
    if (socket.destroyed || !socket.writable) return done(new Error('the connection is closed'));
    const header = Buffer.alloc(headerBytes);
    header.writeUInt32BE(id, 0);
    header.writeUInt8(last ? flagFin : 0, 4);
    header.writeUIntBE(chunk.length, 5, 3);
    socket.cork();
    socket.write(header);
    socket.write(chunk, done);
    socket.uncork();
  }

  windowUpdate(id: number, bytes: number): void {
    this.write(controlFrame(type.windowUpdate, 0, Buffer.concat([uint32(id), uint32(bytes)])));
  }

  reset(id: number): void {
    this.write(rstFrame(id, rstCancel));
  }

  closed(id: number): void {
    this.streams.delete(id);
  }

  /** Says goodbye and ends the connection once everything written is out. */
  end(): void {
    const { socket } = this.options;
    if (socket.destroyed) return;
    this.write(controlFrame(type.goAway, 0, Buffer.concat([uint32(this.lastStreamId), uint32(0)])));
    socket.end();
  }

  private tearDown(): void {
    for (const stream of this.streams.values()) stream.abort(new Error('the connection is closed'));
    this.codec.close();
    this.options.socket.destroy();
  }
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

function controlFrame(kind: number, flags: number, body: Buffer): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(0x8000 | version, 0);
  header.writeUInt16BE(kind, 2);
  header.writeUInt8(flags, 4);
  header.writeUIntBE(body.length, 5, 3);
  return Buffer.concat([header, body]);
}

const rstFrame = (id: number, status: number): Buffer =>
  controlFrame(type.rstStream, 0, Buffer.concat([uint32(id), uint32(status)]));
