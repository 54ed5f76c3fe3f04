/** Reads request bodies within bounds, so that no client makes the server hold more than it should. */
import type { IncomingMessage } from 'node:http';
import { newBadRequest, newRequestEntityTooLarge } from '../../api/meta/status-error';
import type { ObservedRequest } from '../audit/bodies';

/** Upstream's MaxRequestBodyBytes. */
export const maxBodyBytes = 3 * 1024 * 1024;

export const tooLarge = (): Error => newRequestEntityTooLarge(`limit is ${maxBodyBytes}`);

/** The whole body. Throws RequestEntityTooLarge as soon as it is known to be over the limit. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBodyBytes) {
        request.removeAllListeners('data');
        request.resume();
        return reject(tooLarge());
      }
      chunks.push(chunk);
    });
    request.on('end', () => {
      const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      (request as ObservedRequest).observeBody?.(body);
      resolve(body);
    });
    request.on('error', reject);
    request.on('aborted', () => reject(newBadRequest('unexpected EOF')));
  });
}
