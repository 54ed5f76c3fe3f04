/** Answers of servers that this one asks (webhooks, extension servers), which cannot be trusted to be short. */
import type { IncomingMessage } from 'node:http';

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
