/**
 * The lines of a watch over HTTP/1.1, written to the connection as chunks of the answer. In one turn the same lines go to many
 * watchers: they share one chunk, and nothing is copied for each of them.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ServedResource } from './served-resource';
import type { WatchSink } from './watch';

const lineEnd = '\r\n';

const chunkOf = (lines: readonly Buffer[]): Buffer => {
  const size = lines.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([Buffer.from(size.toString(16) + lineEnd), ...lines, Buffer.from(lineEnd)]);
};

/** The chunk of one turn's lines, for as long as the turn lasts. */
export class SharedChunk {
  private lines: readonly Buffer[] = [];
  private chunk: Buffer | undefined;

  of(lines: readonly Buffer[]): Buffer {
    if (this.chunk && this.isOf(lines)) return this.chunk;
    if (!this.chunk) setImmediate(() => this.forget());
    this.lines = lines;
    return (this.chunk = chunkOf(lines));
  }

  private isOf(lines: readonly Buffer[]): boolean {
    return lines.length === this.lines.length && lines.every((line, index) => line === this.lines[index]);
  }

  private forget(): void {
    this.lines = [];
    this.chunk = undefined;
  }
}

const chunks = new WeakMap<ServedResource, SharedChunk>();

/** The watchers of a resource get the same lines, if they get any. */
export function sharedChunkOf(resource: ServedResource): SharedChunk {
  let chunk = chunks.get(resource);
  if (!chunk) chunks.set(resource, (chunk = new SharedChunk()));
  return chunk;
}

/** For an answer whose head was sent. */
export function watchSinkOf(response: ServerResponse, shared: SharedChunk): WatchSink {
  const { socket } = response;
  // HTTP/1.0 has no chunks; and behind another answer the connection is not yet its own.
  return socket && response.chunkedEncoding ? new ConnectionSink(response, socket, shared) : new ResponseSink(response);
}

class ConnectionSink implements WatchSink {
  private drained?: () => void;

  constructor(
    private readonly response: ServerResponse,
    private readonly socket: Socket,
    private readonly shared: SharedChunk,
  ) {}

  write(lines: Buffer[]): boolean {
    return this.socket.destroyed || this.socket.write(this.shared.of(lines));
  }

  onDrain(callback: () => void): void {
    this.drained = callback;
    this.socket.on('drain', callback);
  }

  end(): void {
    // The connection may serve further requests.
    if (this.drained) this.socket.off('drain', this.drained);
    this.response.end();
  }
}

class ResponseSink implements WatchSink {
  constructor(private readonly response: ServerResponse) {}

  write(lines: Buffer[]): boolean {
    return this.response.write(lines.length === 1 ? lines[0]! : Buffer.concat(lines));
  }

  onDrain(callback: () => void): void {
    this.response.on('drain', callback);
  }

  end(): void {
    this.response.end();
  }
}
