/** Typed access to the API server, for every kind by its definition: what client-go's clientset is, from data. */
import type { Duplex } from 'node:stream';
import type { ResourceDefinition } from '../api/meta/resource-definition';
import type { KubeList, KubeObject, Stored, WatchEvent } from '../api/meta/types';

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
  updateStatus<T extends KubeObject>(def: ResourceDefinition<T>, object: T, options?: RequestOptions): Promise<Stored<T>>;
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
