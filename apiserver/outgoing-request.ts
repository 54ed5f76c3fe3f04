/** Requests of this server to others (webhooks, extension servers), whose answers cannot be trusted to be short. */
import type { ClientRequest, IncomingMessage } from 'node:http';
import https from 'node:https';

/**
 * The answer, as soon as it begins. A kept connection may have been closed by the other side just now: then the request is sent once
 * more, on a new one.
 */
export async function sendRequest(options: https.RequestOptions, payload?: string): Promise<IncomingMessage> {
  for (let retried = false; ; retried = true) {
    const request = https.request(options);
    try {
      return await new Promise<IncomingMessage>((resolve, reject) => {
        request.once('response', resolve);
        request.on('error', reject);
        request.end(payload);
      });
    } catch (error) {
      if (!wasStale(request, error) || retried || options.signal?.aborted) throw error;
    }
  }
}

/** The request went into a kept connection that the other side was about to close, or had closed. */
export const wasStale = (request: ClientRequest, error: unknown): boolean =>
  request.reusedSocket && ['ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '');

/** The text of an answer. Throws, and ends the connection, as soon as it is longer than `limitBytes`. */
export async function readBounded(answer: IncomingMessage, limitBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Leaving the loop destroys the connection.
    if (size > limitBytes) throw new Error(`the answer is longer than ${limitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
