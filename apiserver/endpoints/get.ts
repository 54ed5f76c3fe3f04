/** GET of one object. */
import type { CachedObject } from '../storage/storage';
import { columnsOf } from '../../api/meta/columns';
import { type ApiRequest, namespaceOf } from './api-request';
import { negotiateOutput } from './negotiate';
import { sendJsonBytes, sendObject } from './respond';
import { parseIncludeObject, partialMetadata, rowOf, tableOf } from './table';

export async function getObject(api: ApiRequest): Promise<void> {
  const { context, query, store } = api;
  const resourceVersion = query.get('resourceVersion');
  const entry = await store.get(context, namespaceOf(api), context.info.name, {
    ...(resourceVersion && { resourceVersion }),
  });
  await sendEntry(api, 200, entry);
}

/** Answers with one object in the form the client asked for. */
export function sendEntry(api: ApiRequest, code: number, entry: CachedObject): Promise<void> {
  const { resource, request, query } = api;
  const output = negotiateOutput(request.headers.accept, 'object');
  if (!output.as) return sendJsonBytes(api, code, entry.bytes(resource.apiVersion), output.format);
  const object = resource.toServed(entry.object);
  if (output.as === 'PartialObjectMetadata') {
    return sendObject(api, code, partialMetadata(object, output.version), output.format);
  }
  const options = { version: output.version, includeObject: parseIncludeObject(query), now: Date.now() };
  const columns = columnsOf(resource);
  const metadata = { resourceVersion: entry.object.metadata.resourceVersion };
  const table = tableOf(columns, [rowOf(columns, object, options)], metadata, output.version);
  return sendObject(api, code, table, output.format);
}
