/** A WebSocket's binary messages as one stream of bytes, both ways: what SPDY inside a WebSocket runs on. */
import { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';

export const bytesOf = (data: RawData): Buffer =>
  Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);

export function duplexOf(socket: WebSocket): Duplex {
  const duplex = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => socket.send(chunk, { binary: true }, (error) => done(error ?? null)),
    final: (done) => {
      socket.close(1000);
      done();
    },
    destroy: (error, done) => {
      socket.terminate();
      done(error);
    },
  });
  socket.on('message', (data) => {
    if (!duplex.push(bytesOf(data))) socket.pause();
  });
  socket.on('close', () => {
    if (!duplex.readableEnded) duplex.push(null);
  });
  return duplex;
}
