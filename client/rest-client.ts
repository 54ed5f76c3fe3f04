/** Typed access to the API server, for every kind by its definition: what client-go's clientset is, from data. */
import type { Duplex } from 'node:stream';
import type { ResourceDefinition } from '../api/meta/resource-definition';
import type { KubeList, KubeObject, Stored, WatchEvent } from '../api/meta/types';
import type { ClusterConfig } from './cluster-config';
import { queryString, resourcePath } from './resource-path';
import { createTransport, type TransportOptions } from './transport';
import { decodeWatch } from './watch-decoder';

export type { ClusterConfig } from './cluster-config';

export interface RequestOptions {
  signal?: AbortSignal;
  /** Default 60 s for everything but watches. */
  timeoutMs?: number;
}

export interface ListOptions extends RequestOptions {
  /** Undefined or '' lists all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  resourceVersion?: string;
  limit?: number;
  continue?: string;
  /** Answers PartialObjectMetadata: enough to follow ownership, a fraction of the bytes. */
  metadataOnly?: boolean;
}

export interface WatchOptions extends ListOptions {
  allowWatchBookmarks?: boolean;
  timeoutSeconds?: number;
  sendInitialEvents?: boolean;
}

export interface DeleteOptions extends RequestOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  preconditions?: { uid?: string; resourceVersion?: string };
}

export type PatchType = 'json' | 'merge' | 'strategic';

export interface PatchOptions extends RequestOptions {
  /** Default 'merge'. */
  type?: PatchType;
  subresource?: string;
}

/** A request outside the typed verbs. `path` starts with `/`; a body object goes as JSON. */
export interface RawRequest extends RequestOptions {
  method: string;
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  contentType?: string;
  /** Default `application/json`. */
  accept?: string;
}

/**
 * All methods reject with `StatusError` when the server answered a Status, and with the transport's error when it could not
 * be reached. `namespace` is undefined for cluster-scoped kinds.
 */
export interface RestClient {
  get<T extends KubeObject>(
    def: ResourceDefinition<T>,
    name: string,
    namespace?: string,
    options?: RequestOptions,
  ): Promise<Stored<T>>;
  list<T extends KubeObject>(def: ResourceDefinition<T>, options?: ListOptions): Promise<KubeList<Stored<T>>>;
  /** Events until the server or the signal ends the stream. An ERROR event is thrown as StatusError. */
  watch<T extends KubeObject>(def: ResourceDefinition<T>, options?: WatchOptions): AsyncIterable<WatchEvent<Stored<T>>>;
  create<T extends KubeObject>(def: ResourceDefinition<T>, object: T, options?: RequestOptions): Promise<Stored<T>>;
  update<T extends KubeObject>(def: ResourceDefinition<T>, object: T, options?: RequestOptions): Promise<Stored<T>>;
  updateStatus<T extends KubeObject>(
    def: ResourceDefinition<T>,
    object: T,
    options?: RequestOptions,
  ): Promise<Stored<T>>;
  patch<T extends KubeObject>(
    def: ResourceDefinition<T>,
    name: string,
    namespace: string | undefined,
    patch: unknown,
    options?: PatchOptions,
  ): Promise<Stored<T>>;
  delete<T extends KubeObject>(
    def: ResourceDefinition<T>,
    name: string,
    namespace?: string,
    options?: DeleteOptions,
  ): Promise<void>;
  deleteCollection<T extends KubeObject>(
    def: ResourceDefinition<T>,
    options?: ListOptions & Pick<DeleteOptions, 'gracePeriodSeconds' | 'propagationPolicy'>,
  ): Promise<void>;
  /** POST to a subresource such as `binding`, `eviction` or `token`. */
  createSubresource<R>(
    def: ResourceDefinition,
    name: string,
    namespace: string | undefined,
    subresource: string,
    body: unknown,
    options?: RequestOptions,
  ): Promise<R>;
  raw<R = unknown>(request: RawRequest): Promise<R>;
  /** Upgrades a connection (exec, port-forward); resolves once the server switched protocols. */
  upgrade(request: RawRequest & { headers: Record<string, string> }): Promise<Duplex>;
  close(): Promise<void>;
}

/** `as` is List for lists. */
const metadataAccept = (as: '' | 'List'): string =>
  `application/json;as=PartialObjectMetadata${as};v=v1;g=meta.k8s.io,application/json`;

const patchContentTypes: Record<PatchType, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

/** A client for one API server. Connections are kept and shared; credentials in files are followed as they rotate. */
export function createRestClient(cluster: ClusterConfig, options: TransportOptions): RestClient {
  const transport = createTransport(cluster, options);

  const raw = async <R>({
    method,
    path,
    query,
    body,
    contentType,
    accept,
    signal,
    timeoutMs,
  }: RawRequest): Promise<R> => {
    const text = await transport.send({
      method,
      path: path + queryString(query),
      headers: {
        ...(accept !== undefined && { accept }),
        ...(body !== undefined && { 'content-type': contentType ?? 'application/json' }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal,
      timeoutMs,
    });
    return parseAnswer(text) as R;
  };

  const put = <T extends KubeObject>(
    def: ResourceDefinition<T>,
    object: T,
    subresource: string | undefined,
    requestOptions: RequestOptions = {},
  ): Promise<Stored<T>> => {
    const { name = '', namespace } = object.metadata ?? {};
    const path = resourcePath(def, { namespace, name, ...(subresource && { subresource }) });
    return raw({ ...requestOptions, method: 'PUT', path, body: typed(def, object) });
  };

  return {
    raw,
    get: (def, name, namespace, requestOptions) =>
      raw({ ...requestOptions, method: 'GET', path: resourcePath(def, { namespace, name }) }),
    async list<T extends KubeObject>(def: ResourceDefinition<T>, listOptions: ListOptions = {}) {
      const path = resourcePath(def, listOptions);
      const list = await raw<KubeList<Stored<T>>>({
        ...listOptions,
        method: 'GET',
        path,
        query: listQuery(listOptions),
        ...(listOptions.metadataOnly && { accept: metadataAccept('List') }),
      });
      list.items ??= [];
      for (const item of list.items) typed(def, item, true);
      return list;
    },
    async *watch<T extends KubeObject>(def: ResourceDefinition<T>, watchOptions: WatchOptions = {}) {
      const { allowWatchBookmarks, timeoutSeconds, sendInitialEvents, signal, timeoutMs } = watchOptions;
      const query = {
        ...listQuery(watchOptions),
        watch: true,
        allowWatchBookmarks,
        timeoutSeconds,
        sendInitialEvents,
        ...(sendInitialEvents && { resourceVersionMatch: 'NotOlderThan' }),
      };
      const path = resourcePath(def, watchOptions) + queryString(query);
      const headers = { ...(watchOptions.metadataOnly && { accept: metadataAccept('') }) };
      const response = await transport.stream({ method: 'GET', path, headers, signal, timeoutMs });
      try {
        yield* decodeWatch<Stored<T>>(response);
      } finally {
        response.destroy();
      }
    },
    create: (def, object, requestOptions) =>
      raw({
        ...requestOptions,
        method: 'POST',
        path: resourcePath(def, { namespace: object.metadata?.namespace }),
        body: typed(def, object),
      }),
    update: (def, object, requestOptions) => put(def, object, undefined, requestOptions),
    updateStatus: (def, object, requestOptions) => put(def, object, 'status', requestOptions),
    patch: (def, name, namespace, patch, { type = 'merge', subresource, ...requestOptions } = {}) =>
      raw({
        ...requestOptions,
        method: 'PATCH',
        path: resourcePath(def, { namespace, name, ...(subresource && { subresource }) }),
        body: patch,
        contentType: patchContentTypes[type],
      }),
    async delete(def, name, namespace, deleteOptions = {}) {
      const path = resourcePath(def, { namespace, name });
      await raw({ ...pickRequestOptions(deleteOptions), method: 'DELETE', path, body: deleteBody(deleteOptions) });
    },
    async deleteCollection(def, listOptions = {}) {
      await raw({
        ...pickRequestOptions(listOptions),
        method: 'DELETE',
        path: resourcePath(def, listOptions),
        query: listQuery(listOptions),
        body: deleteBody(listOptions),
      });
    },
    createSubresource: (def, name, namespace, subresource, body, requestOptions) =>
      raw({ ...requestOptions, method: 'POST', path: resourcePath(def, { namespace, name, subresource }), body }),
    upgrade: ({ method, path, query, headers, signal }) =>
      transport.upgrade({ method, path: path + queryString(query), headers, signal }),
    async close() {
      transport.close();
    },
  };
}

const pickRequestOptions = ({ signal, timeoutMs }: RequestOptions): RequestOptions => ({
  ...(signal && { signal }),
  ...(timeoutMs && { timeoutMs }),
});

/** Writes carry their type; items of lists come without it. */
function typed<T extends KubeObject>(def: ResourceDefinition<T>, object: T, inPlace = false): T {
  if (object.kind && object.apiVersion) return object;
  const type = { apiVersion: def.apiVersion, kind: def.kind };
  return inPlace ? Object.assign(object, type) : { ...type, ...object };
}

const listQuery = (options: ListOptions) => ({
  labelSelector: options.labelSelector,
  fieldSelector: options.fieldSelector,
  resourceVersion: options.resourceVersion,
  limit: options.limit,
  continue: options.continue,
});

const deleteBody = ({ gracePeriodSeconds, propagationPolicy, preconditions }: DeleteOptions) => ({
  kind: 'DeleteOptions',
  apiVersion: 'v1',
  ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
  ...(propagationPolicy && { propagationPolicy }),
  ...(preconditions && { preconditions }),
});

/** Health, version and log paths answer with plain text. */
function parseAnswer(text: string): unknown {
  if (text === '') return undefined;
  const first = text[0];
  if (first !== '{' && first !== '[') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
