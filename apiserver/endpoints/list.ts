/** GET of a collection. Lists are written in slices, so that no list, however long, holds the event loop. */
import type { Writable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { columnsOf } from '../../api/meta/columns';
import type { ListMeta } from '../../api/meta/types';
import type { CachedObject, StorageListResult } from '../storage/storage';
import type { ApiRequest } from './api-request';
import { type Negotiated, negotiateOutput } from './negotiate';
import { parseListOptions } from './options';
import {
  acceptsGzip,
  contentTypeOf,
  gzipLevel,
  gzipThresholdBytes,
  headersOf,
  sendJsonBytes,
  wantsPretty,
} from './respond';
import { parseIncludeObject, partialMetadata, rowOf, tableOf } from './table';

/** How many items are serialized before other requests get their turn. */
const itemsPerTurn = 250;

export async function listObjects(api: ApiRequest): Promise<void> {
  const output = negotiateOutput(api.request.headers.accept, 'list');
  const result = await api.store.list(api.context, parseListOptions(api, false));
  await sendList(api, result, output);
}

export const listMetaOf = ({ revision, continue: token, remainingItemCount }: StorageListResult<any>): ListMeta => ({
  ...(revision && { resourceVersion: String(revision) }),
  ...(token && { continue: token }),
  ...(remainingItemCount !== undefined && { remainingItemCount }),
});

/** Answers with a list in the form the client asked for. */
export async function sendList(api: ApiRequest, result: StorageListResult<any>, output: Negotiated): Promise<void> {
  const { head, serialize } = layoutOf(api, result, output);
  const parts: Buffer[] = [Buffer.from(head)];
  let size = parts[0]!.length;
  for (const [index, item] of result.items.entries()) {
    if (index > 0) parts.push(comma);
    const bytes = serialize(item);
    parts.push(bytes);
    size += bytes.length + 1;
    if (index % itemsPerTurn === itemsPerTurn - 1) await nextTurn();
  }
  parts.push(tail);
  if (size <= gzipThresholdBytes || output.format === 'yaml') {
    return sendJsonBytes(api, 200, Buffer.concat(parts), output.format);
  }
  await sendSlices(api, parts);
}

const comma = Buffer.from(',');
const tail = Buffer.from(']}');

/** The document up to its first item, and how items are written into it. */
function layoutOf(
  { resource, query }: ApiRequest,
  result: StorageListResult<any>,
  output: Negotiated,
): { head: string; serialize(item: CachedObject): Buffer } {
  const metadata = listMetaOf(result);
  const open = (document: object): string => JSON.stringify(document).slice(0, -2);
  if (!output.as) {
    const { apiVersion, listKind } = resource;
    return {
      head: open({ kind: listKind, apiVersion, metadata, items: [] }),
      serialize: (item) => item.bytes(apiVersion),
    };
  }
  const { version } = output;
  if (output.as === 'PartialObjectMetadata') {
    const apiVersion = `meta.k8s.io/${version}`;
    return {
      head: open({ kind: 'PartialObjectMetadataList', apiVersion, metadata, items: [] }),
      serialize: (item) => Buffer.from(JSON.stringify(partialMetadata(item.object, version))),
    };
  }
  const columns = columnsOf(resource);
  const options = { version, includeObject: parseIncludeObject(query), now: Date.now() };
  return {
    head: open(tableOf(columns, [], metadata, version)),
    serialize: (item) => Buffer.from(JSON.stringify(rowOf(columns, resource.toServed(item.object), options))),
  };
}

const sliceBytes = 256 * 1024;

/**
 * Writes what is known to be long, compressed where that is accepted, as fast as the client takes it. One slice of memory
 * serves the whole answer: a new one for each write would be megabytes of garbage a request.
 */
async function sendSlices(api: ApiRequest, parts: Buffer[]): Promise<void> {
  const { response, context } = api;
  const compress = acceptsGzip(api);
  const headers = headersOf(api, contentTypeOf('json'));
  if (compress) headers.push('Content-Encoding', 'gzip', 'Vary', 'Accept-Encoding');
  if (response.destroyed) return;
  response.writeHead(200, headers);
  let sent = 0;
  const sink: Writable = compress ? createGzip({ level: gzipLevel }) : response;
  if (compress)
    sink
      .on('data', (chunk: Buffer) => (sent += chunk.length))
      .on('end', () => (api.tally.sentBytes = sent))
      .pipe(response);
  const slice = Buffer.allocUnsafeSlow(sliceBytes);
  let filled = 0;
  for (const part of wantsPretty(api) ? indented(parts) : parts) {
    for (let at = 0; at < part.length;) {
      const copied = part.copy(slice, filled, at);
      at += copied;
      filled += copied;
      if (!compress) sent += copied;
      if (filled < slice.length) continue;
      await written(sink, response, slice);
      filled = 0;
      if (context.signal.aborted || response.destroyed) return void response.destroy();
    }
  }
  sink.end(slice.subarray(0, filled));
  if (!compress) api.tally.sentBytes = sent;
}

/** Resolves when the sink is done with the bytes, or the client is gone. */
function written(sink: Writable, response: Writable, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('close', done);
      resolve();
    };
    response.on('close', done);
    sink.write(bytes, done);
  });
}

/** The same document indented like `JSON.stringify(…, null, 2)`, item by item. */
function* indented(parts: Buffer[]): Generator<Buffer> {
  const document = JSON.stringify(JSON.parse(`${parts[0]!.toString()}]}`), null, 2);
  yield Buffer.from(document.slice(0, document.lastIndexOf(']')));
  for (const part of parts.slice(1, -1)) {
    if (part === comma) yield part;
    else yield Buffer.from(`\n    ${JSON.stringify(JSON.parse(part.toString()), null, 2).replaceAll('\n', '\n    ')}`);
  }
  yield Buffer.from('\n  ]\n}\n');
}
