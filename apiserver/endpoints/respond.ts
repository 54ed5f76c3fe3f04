/** Writes answers: cached bytes, objects and Status errors, with upstream's headers. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { stringify } from 'yaml';
import { newInternalError, StatusError } from '../../api/meta/status-error';
import type { Exchange } from './api-request';
import type { OutputFormat } from './negotiate';

/** Smaller answers are not worth compressing (upstream's defaultGzipThresholdBytes). */
export const gzipThresholdBytes = 128 * 1024;
/** Upstream's defaultGzipContentEncodingLevel. */
export const gzipLevel = 1;

const gzipAsync = promisify(gzip);

/** Headers as the flat list that `writeHead` takes without copying. */
export function headersOf(exchange: Exchange, contentType: string): string[] {
  const headers = commonHeaders(exchange);
  headers.push('Content-Type', contentType);
  for (const warning of exchange.warnings) headers.push('Warning', `299 - ${quoteWarning(warning)}`);
  return headers;
}

function commonHeaders({ auditId, flow }: Exchange): string[] {
  const headers = ['Audit-Id', auditId, 'Cache-Control', 'no-cache, private'];
  if (flow) {
    headers.push('X-Kubernetes-PF-FlowSchema-UID', flow.schemaUid, 'X-Kubernetes-PF-PriorityLevel-UID', flow.levelUid);
  }
  return headers;
}

/** Puts what every answer has on one that others write: proxies, streams. What they say of the same counts. */
export function announceAnswer(exchange: Exchange): void {
  const headers = commonHeaders(exchange);
  for (let index = 0; index < headers.length; index += 2) {
    exchange.response.setHeader(headers[index]!, headers[index + 1]!);
  }
}

/** A quoted-string of RFC 7234 without control characters. */
const quoteWarning = (text: string): string =>
  `"${text
    // oxlint-disable-next-line no-control-regex -- control characters cannot stand in a header
    .replace(/[\u0000-\u001f\u007f]/g, ' ')
    .replace(/[^\u0020-\u00ff]/g, '?')
    .replace(/["\\]/g, '\\$&')}"`;

export const contentTypeOf = (format: OutputFormat): string =>
  format === 'yaml' ? 'application/yaml' : 'application/json';

export const acceptsGzip = (exchange: Exchange): boolean =>
  /(^|,)\s*gzip\s*(;q=(1|0\.\d*[1-9]\d*))?\s*(,|$)/.test(exchange.request.headers['accept-encoding'] ?? '');

/** `?pretty`, or a person's browser or curl, as upstream guesses. */
export function wantsPretty({ query, request }: Exchange): boolean {
  const asked = query.get('pretty');
  if (asked) return asked !== 'false' && asked !== '0';
  return /^(curl|Wget|Mozilla\/5\.0)/.test(request.headers['user-agent'] ?? '');
}

/** Sends JSON bytes as they are, unless the client wants them indented, as YAML or compressed. */
export async function sendJsonBytes(exchange: Exchange, code: number, bytes: Buffer, format: OutputFormat = 'json') {
  if (format === 'yaml') return send(exchange, code, Buffer.from(stringify(JSON.parse(bytes.toString()))), format);
  if (!wantsPretty(exchange)) return send(exchange, code, bytes, format);
  return send(exchange, code, Buffer.from(`${JSON.stringify(JSON.parse(bytes.toString()), null, 2)}\n`), format);
}

export const sendObject = (exchange: Exchange, code: number, object: unknown, format: OutputFormat = 'json') =>
  sendJsonBytes(exchange, code, Buffer.from(JSON.stringify(object)), format);

async function send(exchange: Exchange, code: number, bytes: Buffer, format: OutputFormat): Promise<void> {
  const headers = headersOf(exchange, contentTypeOf(format));
  let body = bytes;
  if (bytes.length >= gzipThresholdBytes && acceptsGzip(exchange)) {
    body = await gzipAsync(bytes, { level: gzipLevel });
    headers.push('Content-Encoding', 'gzip', 'Vary', 'Accept-Encoding');
  }
  headers.push('Content-Length', String(body.length));
  if (exchange.response.headersSent || exchange.response.destroyed) return;
  exchange.response.writeHead(code, headers);
  exchange.response.end(body);
  exchange.tally.sentBytes = body.length;
}

/** Answers with the error's Status; other errors are internal ones. Only ends the stream when an answer has begun. */
export function sendError(exchange: Exchange, error: unknown): StatusError {
  const failure = error instanceof StatusError ? error : newInternalError(error);
  const { response } = exchange;
  if (response.headersSent) {
    response.destroy();
    return failure;
  }
  const retryAfter = failure.status.details?.retryAfterSeconds;
  const body = Buffer.from(JSON.stringify(failure.status, null, wantsPretty(exchange) ? 2 : 0));
  const headers = headersOf(exchange, 'application/json');
  if (retryAfter !== undefined && retryAfter > 0) headers.push('Retry-After', String(retryAfter));
  // Bytes the client still sends would be taken for its next request.
  if (failure.code === 413 || (failure.code === 504 && !exchange.request.complete)) headers.push('Connection', 'close');
  headers.push('Content-Length', String(body.length));
  response.writeHead(failure.code, headers);
  response.end(body);
  return failure;
}
