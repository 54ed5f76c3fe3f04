/** One stream of a SPDY connection as a Duplex: reads what the peer sends, writes go out as data frames. */
import { Duplex } from 'node:stream';
import type { SpdyHeaders } from './spdy-headers';

/** What a stream needs of its connection. */
export interface FrameWriter {
  data(id: number, chunk: Buffer, last: boolean, done: (error?: Error | null) => void): void;
  windowUpdate(id: number, bytes: number): void;
  reset(id: number): void;
  closed(id: number): void;
}

export class SpdyStream extends Duplex {
  private makeRoom: (() => void) | undefined;
  private peerDone = false;
  /** The peer or the connection ended the stream: there is nobody to tell. */
  private aborted = false;

  constructor(
    readonly id: number,
    readonly headers: SpdyHeaders,
    private readonly frames: FrameWriter,
  ) {
    super({ allowHalfOpen: true, readableHighWaterMark: 1 << 18, writableHighWaterMark: 1 << 16 });
    // A peer that goes away is told by the end of the streams; nobody has to listen for the error itself.
    this.on('error', () => {});
  }

  /** Resolves once there is room for more. */
  async receive(chunk: Buffer): Promise<void> {
    if (this.peerDone || this.destroyed || !chunk.length) return;
    this.frames.windowUpdate(this.id, chunk.length);
    if (this.push(chunk)) return;
    await new Promise<void>((resolve) => (this.makeRoom = resolve));
  }

  /** The peer sends no more. */
  finish(): void {
    if (this.peerDone || this.destroyed) return;
    this.peerDone = true;
    this.push(null);
  }

  /** The peer wants no more of this stream, or its connection is gone. */
  abort(error?: Error): void {
    this.peerDone = true;
    this.aborted = true;
    this.destroy(error);
  }

  override _read(): void {
    const { makeRoom } = this;
    this.makeRoom = undefined;
    makeRoom?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.frames.data(this.id, chunk, false, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.frames.data(this.id, Buffer.alloc(0), true, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this._read();
    if (!this.aborted && !(this.writableFinished && this.peerDone)) this.frames.reset(this.id);
    this.frames.closed(this.id);
    done(error);
  }
}
