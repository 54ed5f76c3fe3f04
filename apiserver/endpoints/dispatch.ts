/** The terminal handler of resource paths: from a parsed request to the verb that answers it. */
import type { CustomKind, Verb } from '../../api/meta/resource-definition';
import { StatusError } from '../../api/meta/status-error';
import type { Authorizer } from '../authorization/authorizer';
import type { ConnectHandler } from '../registry/connect';
import type { Stores } from '../registry/store';
import type { Cancellable, RequestContext, RequestInfo } from '../request-context';
import type { ApiRequest, Exchange } from './api-request';
import { connect } from './connect';
import { createObject } from './create';
import { deleteCollection, deleteObject } from './delete';
import { getObject } from './get';
import { listObjects } from './list';
import { type Answered, negotiateOutput } from './negotiate';
import { patchObject } from './patch';
import { getScale, patchScale, updateScale } from './scale';
import type { ResourceTable, ServedResource } from './served-resource';
import { updateObject } from './update';
import { watchObjects } from './watch';

/** By plural name and subresource; '' for kinds that are answered and never stored (reviews). */
export type ConnectHandlers = Readonly<Record<string, Readonly<Record<string, ConnectHandler>>>>;

export interface EndpointDeps {
  table: ResourceTable;
  stores: Stores;
  connectHandlers: ConnectHandlers;
  /** Of updates and patches that create. */
  authorizer: Authorizer;
  /** Resolves once the table has every kind that some API server has served before. */
  catchUp?(): Promise<void>;
}

type VerbHandler = (api: ApiRequest, deps: EndpointDeps) => Promise<void>;

/** Nothing is written for a client that does not accept any form of the answer. */
const accepted =
  (answered: Answered, handler: VerbHandler): VerbHandler =>
  async (api, deps) => {
    negotiateOutput(api.request.headers.accept, answered);
    await handler(api, deps);
  };

const handlers: { [V in Verb]: VerbHandler } = {
  create: accepted('object', createObject),
  get: getObject,
  list: listObjects,
  watch: watchObjects,
  update: accepted('object', updateObject),
  patch: accepted('object', patchObject),
  delete: accepted('object', deleteObject),
  deletecollection: accepted('list', deleteCollection),
};

/** Upstream's NewGenericServerResponse for a path without a route. */
export const newRouteNotFound = (): StatusError =>
  new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});

export const newMethodNotAllowed = (): StatusError =>
  new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

/** Answers a resource request that was allowed. Throws what is to be answered as a Status. */
export async function serveResource(
  exchange: Exchange,
  context: RequestContext & Cancellable,
  deps: EndpointDeps,
): Promise<void> {
  const { info } = context;
  const resource = await findResource(deps, info);
  if (!resource || !isRoute(resource, context)) throw newRouteNotFound();
  const { definition } = resource;
  const connectHandler = definition.custom
    ? undefined
    : deps.connectHandlers[definition.names.plural]?.[info.subresource];
  if (definition.deprecation) context.warn(definition.deprecation);
  if (definition.custom) admitCustom(definition.custom, context);
  const isReview = !info.subresource && connectHandler !== undefined;
  const api: ApiRequest = {
    ...exchange,
    context,
    resource,
    // What is never stored has no store.
    store: isReview ? (undefined as never) : deps.stores.of(definition),
  };
  const passesOn = definition.subresources?.connect?.[info.subresource]?.passesOn;
  if (exchange.request.method === 'HEAD' && !passesOn) throw newMethodNotAllowed();
  if (isReview) {
    if (info.verb !== 'create' || !definition.verbs.includes('create')) throw newMethodNotAllowed();
    return connect(api, deps, connectHandler, { verbs: ['create'], ...resource });
  }
  if (info.subresource) return serveSubresource(api, deps, connectHandler);
  const verb = info.verb as Verb;
  const named = info.parts.length > 1;
  const fits = verb === 'create' ? !named : named || (verb !== 'update' && verb !== 'patch');
  if (!fits || !definition.verbs.includes(verb)) throw newMethodNotAllowed();
  return handlers[verb](api, deps);
}

/** Another API server may have begun to serve the kind just now. */
export async function findResource(
  { table, catchUp }: EndpointDeps,
  info: RequestInfo,
): Promise<ServedResource | undefined> {
  const { apiGroup, apiVersion, resource } = info;
  const found = table.find(apiGroup, apiVersion, resource);
  if (found || !apiGroup || !catchUp) return found;
  await catchUp();
  return table.find(apiGroup, apiVersion, resource);
}

/** Warns of a deprecated version; throws while nothing may be created. */
function admitCustom({ warnings, refusesCreate }: CustomKind, context: RequestContext): void {
  for (const text of warnings) context.warn(text);
  if (refusesCreate && context.info.verb === 'create') throw refusesCreate;
}

/** Whether the path has upstream's shape for this kind's scope. */
function isRoute({ definition }: ServedResource, { info }: RequestContext): boolean {
  const named = info.parts.length > 1;
  if (info.parts.length > 3 && !definition.subresources?.connect?.[info.subresource]) return false;
  if (definition.namespaced) {
    if (info.namespace) return true;
    // All namespaces at once can only be listed and watched.
    if (named) return false;
    if (info.verb !== 'list' && info.verb !== 'watch') throw newMethodNotAllowed();
    return true;
  }
  // A Namespace's own name stands where others have their namespace.
  return !info.namespace || (definition.names.plural === info.parts[0] && info.namespace === info.name);
}

async function serveSubresource(
  api: ApiRequest,
  deps: EndpointDeps,
  connectHandler: ConnectHandler | undefined,
): Promise<void> {
  const { info } = api.context;
  const { definition, scale } = api.resource;
  const { status, update, connect: connects } = definition.subresources ?? {};
  const { subresource } = info;
  const verb = info.verb as Verb;
  const connectable = connects?.[subresource];
  if (connectable && connectHandler) {
    const isOptions = api.request.method === 'OPTIONS' && connectable.passesOn;
    if (!connectable.verbs.includes(verb) && !isOptions) throw newMethodNotAllowed();
    return connect(api, deps, connectHandler, connectable);
  }
  if (subresource === 'scale' && scale) {
    if (verb === 'get') return getScale(api, scale);
    if (verb === 'update') return accepted('object', () => updateScale(api, scale, deps))(api, deps);
    if (verb === 'patch') return accepted('object', () => patchScale(api, scale))(api, deps);
    throw newMethodNotAllowed();
  }
  const stored = (subresource === 'status' && status !== undefined) || update?.[subresource] !== undefined;
  if (!stored) throw newRouteNotFound();
  if (verb !== 'get' && verb !== 'update' && verb !== 'patch') throw newMethodNotAllowed();
  await handlers[verb](api, deps);
}
