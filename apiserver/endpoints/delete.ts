/** DELETE of one object or of a collection. */
import { newBadRequest } from '../../api/meta/status-error';
import type { DeleteRequest } from '../registry/store';
import { withDryRun } from '../request-context';
import { type ApiRequest, namespaceOf } from './api-request';
import { readBody } from './body';
import { decodeObject } from './decode';
import type { EndpointDeps } from './dispatch';
import { sendEntry } from './get';
import { sendList } from './list';
import { bodyFormatOf, negotiateOutput } from './negotiate';
import { parseDeleteOptions, parseListOptions } from './options';
import { sendObject } from './respond';

export async function deleteObject(api: ApiRequest, deps: EndpointDeps): Promise<void> {
  const { context, store, resource } = api;
  const { dryRun, ...request } = await readDeleteOptions(api, deps);
  warnOfPropagation(api, request);
  const { entry, deleted } = await store.delete(
    withDryRun(context, dryRun),
    namespaceOf(api),
    context.info.name,
    request,
  );
  // Existing clients rely on 200 for whatever waits for other reasons (graceful deletion, finalizers of the namespace).
  const waits = !deleted && (request.orphanDependents === false || request.propagationPolicy === 'Foreground');
  const code = waits ? 202 : 200;
  if (!deleted || resource.definition.returnDeletedObject) return sendEntry(api, code, entry);
  const { group, resource: plural } = resource.groupResource;
  await sendObject(api, code, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: entry.object.metadata.name,
      ...(group && { group }),
      kind: plural,
      uid: entry.object.metadata.uid,
    },
  });
}

/** Answers with the list of what was deleted, as upstream. */
export async function deleteCollection(api: ApiRequest, deps: EndpointDeps): Promise<void> {
  const { dryRun, ...request } = await readDeleteOptions(api, deps);
  warnOfPropagation(api, request);
  const items = await api.store.deleteCollection(
    withDryRun(api.context, dryRun),
    parseListOptions(api, false),
    request,
  );
  const revision = items.reduce((newest, item) => Math.max(newest, item.revision), 0);
  await sendList(api, { items, revision }, negotiateOutput(api.request.headers.accept, 'list'));
}

function warnOfPropagation({ context, resource }: ApiRequest, request: DeleteRequest): void {
  const warning = resource.definition.defaultPropagationWarning;
  if (warning && !request.propagationPolicy && request.orphanDependents === undefined) context.warn(warning);
}

async function readDeleteOptions(api: ApiRequest, { table }: EndpointDeps) {
  const { request, query, context } = api;
  const body = await readBody(request);
  if (body.length === 0) return parseDeleteOptions(undefined, query);
  const format = bodyFormatOf(request.headers['content-type']);
  // DeleteOptions are registered in every group and version; clients send the one of the resource or of meta.
  const options = decodeObject(body, {
    expected: {
      group: '',
      version: 'v1',
      kind: 'DeleteOptions',
      schema: 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions',
    },
    anyVersion: true,
    format,
    fieldValidation: 'Ignore',
    table,
    warn: (message) => context.warn(message),
  });
  if (options.kind !== 'DeleteOptions') throw newBadRequest('decoded object cannot be converted to DeleteOptions');
  return parseDeleteOptions(options, query);
}
