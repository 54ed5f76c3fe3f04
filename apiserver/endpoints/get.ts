/** GET of one object. */
import type { CachedObject } from '../storage/storage';
import { columnsOf } from '../../api/meta/columns';
import type { TableColumn } from '../../api/meta/resource-definition';
import type { KubeObject } from '../../api/meta/types';
import { type ApiRequest, namespaceOf } from './api-request';
import { type Negotiated, negotiateOutput } from './negotiate';
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
  const { resource, request } = api;
  const output = negotiateOutput(request.headers.accept, 'object');
  if (!output.as) return sendJsonBytes(api, code, entry.bytes(resource.apiVersion), output.format);
  return sendShaped(api, code, resource.toServed(entry.object), columnsOf(resource), output);
}

/** Answers with an object that was made for this request, in the shape that was negotiated. */
export function sendShaped(
  api: ApiRequest,
  code: number,
  object: KubeObject,
  columns: readonly TableColumn[],
  { as, format, version }: Negotiated,
): Promise<void> {
  if (!as) return sendObject(api, code, object, format);
  if (as === 'PartialObjectMetadata') return sendObject(api, code, partialMetadata(object, version), format);
  const row = rowOf(columns, object, { version, includeObject: parseIncludeObject(api.query), now: Date.now() });
  const { resourceVersion } = object.metadata ?? {};
  return sendObject(api, code, tableOf(columns, [row], resourceVersion ? { resourceVersion } : {}, version), format);
}
