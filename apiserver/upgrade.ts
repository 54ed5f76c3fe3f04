/** Requests to speak another protocol on the connection: exec, attach and port-forward, proxies, watches over WebSocket. */
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { newBadRequest } from '../api/meta/status-error';
import type { Aggregator } from './aggregation/aggregator';
import type { Exchange } from './endpoints/api-request';
import { connectRequestOf } from './endpoints/connect';
import { type EndpointDeps, findResource, newRouteNotFound } from './endpoints/dispatch';
import { watchOverWebSocket } from './endpoints/watch-websocket';
import type { HttpContext } from './http-context';

export interface UpgradeDeps extends EndpointDeps {
  aggregator: Aggregator;
}

/** An ordinary answer on the socket: what a refusal is, until the upgrade happens. */
export function responseOn(socket: Duplex, request: IncomingMessage): ServerResponse {
  const response = new ServerResponse(request);
  socket.on('error', () => socket.destroy());
  response.shouldKeepAlive = false;
  response.assignSocket(socket as never);
  response.on('finish', () => socket.end());
  return response;
}

/**
 * Gives the socket to the handler. What is thrown before a byte was written is answered as a Status; afterwards the client
 * speaks another protocol, and only the end of the connection tells it.
 */
export async function serveUpgrade(
  exchange: Exchange,
  context: HttpContext,
  deps: UpgradeDeps,
  socket: Duplex & { bytesWritten?: number },
  head: Buffer,
): Promise<void> {
  const written = socket.bytesWritten;
  try {
    await passSocket(exchange, context, deps, socket, head);
    exchange.response.statusCode = 101;
    if (!socket.destroyed) await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  } catch (error) {
    if (socket.bytesWritten !== written) socket.destroy();
    throw error;
  }
}

async function passSocket(
  exchange: Exchange,
  context: HttpContext,
  deps: UpgradeDeps,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const { info } = context;
  const passOn = deps.aggregator.find(exchange.path);
  if (passOn) {
    const { request, auditId } = exchange;
    return passOn({ request, auditId, socket, head }, context.user);
  }
  const resource = info.isResourceRequest ? await findResource(deps, info) : undefined;
  if (!resource) throw newRouteNotFound();
  const api = { ...exchange, context, resource, store: deps.stores.of(resource.definition) };
  if (info.verb === 'watch') return watchOverWebSocket(api, socket, head);
  const { custom, names } = resource.definition;
  const handler = custom ? undefined : deps.connectHandlers[names.plural]?.[info.subresource];
  const connectable = resource.definition.subresources?.connect?.[info.subresource];
  if (!handler || !connectable) throw newBadRequest('this resource cannot be upgraded');
  await handler({ ...connectRequestOf(api), socket, head });
}
