/** Pages on their way through a proxy, with the links rewritten. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { deflateRaw, gunzip, gzip, inflateRaw } from 'node:zlib';
import { rewriteLinks } from './rewrite-links';

/** A longer page is passed on as it is: to look through it would keep others waiting. */
const maxPageBytes = 2 * 1024 * 1024;
const bounds = { maxOutputLength: maxPageBytes };

interface Encoding {
  decode(bytes: Buffer): Buffer | Promise<Buffer>;
  encode(bytes: Buffer): Buffer | Promise<Buffer>;
}

const identity = (bytes: Buffer): Buffer => bytes;
const [unzip, zip] = [promisify(gunzip), promisify(gzip)];
const [inflate, deflate] = [promisify(inflateRaw), promisify(deflateRaw)];

const encodings = new Map<string, Encoding>([
  ['', { decode: identity, encode: identity }],
  ['gzip', { decode: (bytes) => unzip(bytes, bounds), encode: (bytes) => zip(bytes) }],
  ['deflate', { decode: (bytes) => inflate(bytes, bounds), encode: (bytes) => deflate(bytes) }],
]);

const encodingOf = ({ headers }: IncomingMessage): Encoding | undefined =>
  encodings.get((headers['content-encoding'] ?? '').toLowerCase());

/** A whole page, in an encoding that is known here. */
export function isPage(answer: IncomingMessage): boolean {
  const [type] = (answer.headers['content-type'] ?? '').split(';');
  return type?.trim().toLowerCase() === 'text/html' && answer.statusCode !== 206 && encodingOf(answer) !== undefined;
}

/** Rejects when one of the two ends early. */
export async function sendPage(
  answer: IncomingMessage,
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
  rewrite: (link: string) => string,
): Promise<void> {
  const code = answer.statusCode ?? 502;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxPageBytes) break;
  }
  const received = Buffer.concat(chunks);
  if (size > maxPageBytes) {
    response.writeHead(code, headers).write(received);
    return pipeline(answer, response);
  }
  // An answer to HEAD has the length of a page that nobody sees.
  const page = size ? await rewritten(received, encodingOf(answer), rewrite) : undefined;
  response.writeHead(code, { ...headers, ...(page && { 'content-length': page.length }) }).end(page ?? received);
}

/** Undefined for what is not in the encoding that it says. Byte for byte, whatever the characters are. */
async function rewritten(
  bytes: Buffer,
  encoding: Encoding | undefined,
  rewrite: (link: string) => string,
): Promise<Buffer | undefined> {
  try {
    const html = (await encoding?.decode(bytes))?.toString('latin1') ?? '';
    return await encoding?.encode(Buffer.from(rewriteLinks(html, rewrite), 'latin1'));
  } catch {
    return undefined;
  }
}
