/** Subresources with an answer of their own: hands the request, with its decoded body, to the kind's handler. */
import type { ConnectSubresource } from '../../api/meta/resource-definition';
import { schemaNameOf } from '../../api/meta/resource-definition';
import type { KubeObject } from '../../api/meta/types';
import type { ConnectHandler, ConnectRequest } from '../registry/connect';
import { type ApiRequest, namespaceOf } from './api-request';
import { readBody } from './body';
import { matchNamespace } from './create';
import { decodeObject } from './decode';
import type { EndpointDeps } from './dispatch';
import { bodyFormatOf, negotiateOutput, type OutputFormat } from './negotiate';
import { parseWriteOptions } from './options';
import { announceAnswer, sendObject } from './respond';

export async function connect(
  api: ApiRequest,
  deps: EndpointDeps,
  handler: ConnectHandler,
  subresource: ConnectSubresource,
): Promise<void> {
  const negotiate = (): OutputFormat => negotiateOutput(api.request.headers.accept, 'result').format;
  let body: KubeObject | undefined;
  if (takesBody(api, subresource)) {
    // Nothing is done for a client that does not accept the answer.
    negotiate();
    body = await readConnectBody(api, deps, subresource);
  } else announceAnswer(api);
  const result = await handler({ ...connectRequestOf(api), response: api.response, ...(body && { body }) });
  if (result) await sendObject(api, result.code, result.object, negotiate());
}

export function connectRequestOf(api: ApiRequest): ConnectRequest {
  const { context, resource, request, query } = api;
  const { name, subresource, parts, path } = context.info;
  // As the client escaped it: a proxy passes it on.
  const segments =
    parts.length > 3
      ? path
          .split('/')
          .filter(Boolean)
          .slice(3 - parts.length)
      : [];
  const tail = segments.length ? `/${segments.join('/')}${path.endsWith('/') ? '/' : ''}` : '';
  return {
    context,
    definition: resource.definition,
    namespace: namespaceOf(api),
    name,
    subresource,
    path: tail,
    query,
    request,
  };
}

/** Streams and proxies are connected with options in the query; their bodies, if any, are the handler's. */
const takesBody = ({ context }: ApiRequest, { kind }: ConnectSubresource): boolean =>
  context.info.verb === 'create' && !kind.endsWith('Options');

async function readConnectBody(api: ApiRequest, deps: EndpointDeps, subresource: ConnectSubresource) {
  const { request, query, context, resource } = api;
  const { group = resource.group, version = resource.version, kind } = subresource;
  const format = bodyFormatOf(request.headers['content-type']);
  const { fieldValidation } = parseWriteOptions(query, 'CreateOptions');
  const bytes = await readBody(request);
  const body = decodeObject(bytes, {
    expected: { group, version, kind, schema: schemaNameOf(group, version, kind) },
    // Evictions were once of policy/v1beta1, and old clients still send that.
    anyVersion: kind !== resource.kind,
    format,
    fieldValidation,
    table: deps.table,
    warn: (message) => context.warn(message),
  });
  matchNamespace(api, body);
  return body;
}
