/**
 * HTTP/1.1 over one TLS connection with as little work as possible, so that the server is what is measured: requests are
 * prepared bytes, and of answers only the status, the length and the end are looked at.
 */
import { connect, type TLSSocket } from 'node:tls';

export interface Target {
  port: number;
  ca: string;
  cert: string;
  key: string;
}

const headEnd = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('\r\n0\r\n\r\n');
const empty: Buffer = Buffer.alloc(0);

export const requestBytes = (method: string, path: string, body = '', contentType = 'application/json'): Buffer =>
  Buffer.from(
    `${method} ${path} HTTP/1.1\r\nHost: kubernetes\r\nAccept: application/json\r\nUser-Agent: bench\r\n` +
      (body ? `Content-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` : '') +
      `\r\n${body}`,
  );

export function openSocket({ port, ca, cert, key }: Target): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca, cert, key });
    socket.setNoDelay(true);
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** Sends one request after another. */
export class RawConnection {
  private head: Buffer = empty;
  private inBody = false;
  private status = 0;
  /** Bytes of the body still to come; -1: it is chunked. */
  private left = 0;
  private tail: Buffer = empty;
  private done: (status: number) => void = () => undefined;

  constructor(private readonly socket: TLSSocket) {
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => this.done(0));
  }

  /** Resolves with the status once the whole answer is here; 0: the connection broke. */
  send(bytes: Buffer): Promise<number> {
    return new Promise((resolve) => {
      this.done = resolve;
      this.socket.write(bytes);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    if (this.inBody) return this.body(chunk);
    this.head = this.head.length ? Buffer.concat([this.head, chunk]) : chunk;
    const end = this.head.indexOf(headEnd);
    if (end < 0) return;
    const text = this.head.toString('latin1', 0, end);
    this.status = Number(text.slice(9, 12));
    const length = /\r\ncontent-length: (\d+)/i.exec(text);
    this.left = length ? Number(length[1]) : -1;
    this.inBody = true;
    this.tail = empty;
    // Of the head's end, two bytes stand before an empty chunked body.
    const rest = this.head.subarray(end + (this.left < 0 ? 2 : 4));
    this.head = empty;
    this.body(rest);
  }

  private body(chunk: Buffer): void {
    if (this.left >= 0) {
      this.left -= chunk.length;
      if (this.left > 0) return;
    } else {
      const end = chunk.length >= lastChunk.length ? chunk : Buffer.concat([this.tail, chunk]);
      this.tail = end.subarray(-lastChunk.length);
      if (!this.tail.equals(lastChunk)) return;
    }
    this.inBody = false;
    this.done(this.status);
  }
}
