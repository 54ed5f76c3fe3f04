/** POST of a new object. */
import type { EndpointDeps } from './dispatch';
import { type ApiRequest, namespaceOf } from './api-request';
import { readBody } from './body';
import { decodeObject } from './decode';
import { sendEntry } from './get';
import { bodyFormatOf } from './negotiate';
import { parseWriteOptions } from './options';
import { newBadRequest } from '../../api/meta/status-error';
import type { KubeObject } from '../../api/meta/types';

export async function createObject(api: ApiRequest, deps: EndpointDeps): Promise<void> {
  const { context, store } = api;
  const object = await readObject(api, deps, 'CreateOptions');
  const namespace = matchNamespace(api, object);
  const entry = await store.create(context, namespace, api.resource.toStored(object));
  await sendEntry(api, 201, entry);
}

/** The body of a create or update, decoded, in the served version. */
export async function readObject(
  api: ApiRequest,
  deps: EndpointDeps,
  optionsKind: 'CreateOptions' | 'UpdateOptions',
): Promise<KubeObject> {
  const { request, query, resource, context } = api;
  const format = bodyFormatOf(request.headers['content-type']);
  const { fieldValidation } = parseWriteOptions(query, optionsKind);
  const body = await readBody(request);
  return decodeObject(body, {
    expected: resource,
    format,
    fieldValidation,
    table: deps.table,
    warn: (message) => context.warn(message),
  });
}

/** Upstream's EnsureObjectNamespaceMatchesRequestNamespace. */
export function matchNamespace(api: ApiRequest, object: KubeObject): string {
  const namespace = namespaceOf(api);
  const metadata = (object.metadata ??= {});
  if (!api.resource.definition.namespaced) delete metadata.namespace;
  else if (!metadata.namespace) metadata.namespace = namespace;
  else if (metadata.namespace !== namespace) {
    throw newBadRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  return namespace;
}
