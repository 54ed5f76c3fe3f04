/**
 * The generic store: what create, update and delete mean for every kind, over `Storage`, driven by the definition. Upstream:
 * `pkg/registry/generic/registry/store.go` and `pkg/registry/rest/{create,update,delete}.go`.
 */
import type { FieldError } from '../../api/meta/field-error';
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import type { KubeObject, Stored } from '../../api/meta/types';
import { isNotFound } from '../../api/meta/status-error';
import type { RequestContext } from '../request-context';
import type {
  CachedObject,
  Preconditions,
  StorageListOptions,
  StorageListResult,
  StorageWatcher,
  StorageWatchOptions,
} from '../storage/storage';
import { createFieldManager } from '../patch/apply/field-manager';
import { applyObject, type ApplyRequest } from './apply';
import { createComputedStore } from './computed-store';
import { createObject } from './create';
import { deleteObject } from './delete';
import { type KindStore, storageKey, type StoreDeps } from './store-deps';
import { updateObject, type UpdateOptions } from './update';

export interface DeleteRequest {
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  orphanDependents?: boolean;
  preconditions?: Preconditions;
}

export interface UpdateResult<T extends KubeObject> {
  entry: CachedObject<T>;
  created: boolean;
}

export interface DeleteResult<T extends KubeObject> {
  /** The deleted object, or its new state when it waits for finalizers or a graceful deletion. */
  entry: CachedObject<T>;
  /** True once it is gone from storage. */
  deleted: boolean;
}

/**
 * I/O that a single kind needs around its writes (cluster IPs, node ports). What `begin…` acquires is kept when the write
 * succeeds and released by the returned function when it does not. After a time-out nobody knows: it is kept, and the kind's repair
 * frees it.
 */
export interface StoreHooks<T extends KubeObject> {
  /**
   * Checks beyond the definition's, which is pure: of expressions, by the engines that run them. It gets new objects, and
   * changed ones (with `old`) of the main resource, that are in order otherwise.
   */
  validate?(object: T, old?: Stored<T>): FieldError[];
  beginCreate?(context: RequestContext, object: T): Promise<(() => void) | void>;
  beginUpdate?(context: RequestContext, object: T, old: Stored<T>): Promise<(() => void) | void>;
  /** After an update was written (not on dry run): releases what the new state no longer holds. */
  afterUpdate?(object: Stored<T>, old: Stored<T>): void;
  afterDelete?(object: Stored<T>): void;
  /**
   * True while the object must stay after its deletion began although it has no `metadata.finalizers`: a namespace with
   * `spec.finalizers`. Generic code treats it like a finalizer, in deletions and at the end of updates.
   */
  waitsForFinalization?(object: T): boolean;
  /** More reasons to refuse a deletion; may edit `object`, a copy that is written when the object stays for now (phase). */
  beforeDelete?(context: RequestContext, object: Stored<T>, request: DeleteRequest): Promise<void> | void;
}

/**
 * The verbs of one kind. Admission, defaulting, validation, dry run, generation, finalizers and graceful deletion happen
 * in here. `namespace` is '' for cluster-scoped kinds. `subresource` selects the hooks of an update: '', 'status' or one of
 * `definition.subresources.update`.
 */
export interface Store<T extends KubeObject = any> {
  readonly definition: ResourceDefinition<T>;
  get(
    context: RequestContext,
    namespace: string,
    name: string,
    options?: { resourceVersion?: string },
  ): Promise<CachedObject<T>>;
  list(context: RequestContext, options: StorageListOptions): Promise<StorageListResult<T>>;
  watch(context: RequestContext, options: StorageWatchOptions): Promise<StorageWatcher<T>>;
  /** `object` is decoded, of the stored version and not shared; defaults are applied here. */
  create(context: RequestContext, namespace: string, object: T): Promise<CachedObject<T>>;
  /**
   * `transform` makes the desired object from the current one (undefined: it does not exist). It runs again after a lost
   * race, unless what it gives carries a resourceVersion that no longer matches: then Conflict.
   */
  update(
    context: RequestContext,
    namespace: string,
    name: string,
    transform: (current: Stored<T> | undefined) => Promise<T> | T,
    options?: UpdateOptions,
  ): Promise<UpdateResult<T>>;
  /** Server-side apply: creates what does not exist. */
  apply(context: RequestContext, namespace: string, name: string, request: ApplyRequest): Promise<UpdateResult<T>>;
  delete(context: RequestContext, namespace: string, name: string, request: DeleteRequest): Promise<DeleteResult<T>>;
  /** Deletes what matches, some at a time; gives the deleted objects. */
  deleteCollection(
    context: RequestContext,
    options: StorageListOptions,
    request: DeleteRequest,
  ): Promise<CachedObject<T>[]>;
}

/** Stores of all kinds, by definition. */
export interface Stores {
  of<T extends KubeObject>(definition: ResourceDefinition<T>): Store<T>;
}

/** How many objects of a collection are deleted at a time. */
const deleteWorkers = 8;

/** Stores of every kind, made on first use; kinds may appear and change at run time. */
export function createStores(deps: StoreDeps): Stores {
  const stores = new WeakMap<ResourceDefinition, Store>();
  return {
    of<T extends KubeObject>(definition: ResourceDefinition<T>): Store<T> {
      let store = stores.get(definition) as Store<T> | undefined;
      if (!store) {
        const compute = definition.custom ? undefined : deps.computed?.[definition.names.plural];
        store = compute ? createComputedStore(definition, compute) : createStore(deps, definition);
        stores.set(definition, store);
      }
      return store;
    },
  };
}

function createStore<T extends KubeObject>(deps: StoreDeps, definition: ResourceDefinition<T>): Store<T> {
  const kind: KindStore<T> = {
    definition,
    storage: deps.storageFor(definition),
    admission: deps.admission,
    hooks: (!definition.custom && (deps.hooks?.[definition.names.plural] as StoreHooks<T> | undefined)) || {},
    fieldManager: createFieldManager(definition),
    clock: deps.clock,
    ttlSeconds: deps.ttlSeconds?.(definition) ?? definition.ttlSeconds,
    resource: { group: definition.group, resource: definition.names.plural },
  };
  const { storage } = kind;
  const store: Store<T> = {
    definition,
    get: ({ signal }, namespace, name, options) =>
      storage.get(storageKey(definition, namespace, name), { ...options, signal }),
    list: ({ signal }, options) => storage.list({ signal, ...options }),
    watch: (_context, options) => storage.watch(options),
    create: (context, namespace, object) => createObject(kind, context, namespace, object),
    update: (context, namespace, name, transform, options) =>
      updateObject(kind, { context, namespace, name, transform, ...options }),
    apply: (context, namespace, name, request) => applyObject(kind, context, namespace, name, request),
    delete: (context, namespace, name, request) => deleteObject(kind, { context, namespace, name, request }),
    async deleteCollection(context, options, request) {
      const { items } = await storage.list(options);
      const deleted: CachedObject<T>[] = [];
      const queue = items.values();
      const worker = async (): Promise<void> => {
        for (const { object } of queue) {
          context.signal.throwIfAborted();
          try {
            const { namespace = '', name } = object.metadata;
            deleted.push((await store.delete(context, namespace, name, request)).entry);
          } catch (error) {
            // Somebody else was faster.
            if (!isNotFound(error)) throw error;
          }
        }
      };
      // Nothing goes on behind the back of who reads of a failure.
      for (const outcome of await Promise.allSettled(Array.from({ length: deleteWorkers }, worker))) {
        if (outcome.status === 'rejected') throw outcome.reason;
      }
      return deleted;
    },
  };
  return store;
}
