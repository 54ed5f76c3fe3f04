/** Bytes to the API server exactly as given, for requests that no HTTP client would send. */
import tls from 'node:tls';
import type { Identity } from './apiserver';

export interface RawTarget {
  port: number;
  ca: string;
  identity?: Identity;
}

/** Sends the parts one after the other, and gives all that came back until the server closed, or `idleMs` after the last byte. */
export function sendRaw({ port, ca, identity }: RawTarget, parts: readonly (string | Buffer)[], idleMs = 300) {
  return new Promise<string>((resolve, reject) => {
    const socket = tls.connect({ host: '127.0.0.1', port, ca, ...identity });
    let text = '';
    const timer = setTimeout(() => socket.destroy(), 60_000);
    socket.setTimeout(idleMs, () => {
      if (text) socket.destroy();
    });
    socket.on('secureConnect', () => {
      for (const part of parts) socket.write(part);
    });
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // A server that hangs up on such bytes is in its right.
      if (!['ECONNRESET', 'EPIPE'].includes(error.code ?? '')) reject(error);
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}

/** The status codes in what came back. */
export const codesIn = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, code]) => Number(code));
