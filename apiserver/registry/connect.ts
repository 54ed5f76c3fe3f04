/** Subresources with an answer of their own: what their handlers get. The table of handlers is `kinds/index.ts`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import type { KubeObject } from '../../api/meta/types';
import type { RequestContext } from '../request-context';

export interface ConnectRequest {
  context: RequestContext;
  definition: ResourceDefinition;
  namespace: string;
  name: string;
  subresource: string;
  /** Path after the subresource, with its leading slash, for proxies. */
  path: string;
  query: URLSearchParams;
  /** The decoded body of create verbs (Binding, Eviction, TokenRequest, …). */
  body?: any;
  /** For handlers that stream or tunnel. */
  request: IncomingMessage;
  /** Absent on upgrades, where `socket` and `head` are given instead. */
  response?: ServerResponse;
  socket?: Duplex;
  head?: Buffer;
}

/** Gives the object to answer (with its HTTP code), or nothing when it wrote the answer itself. */
export type ConnectHandler = (request: ConnectRequest) => Promise<{ code: number; object: KubeObject } | void>;
