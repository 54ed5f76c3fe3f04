/**
 * The generic store: what create, update and delete mean for every kind, over `Storage`, driven by the definition. Upstream:
 * `pkg/registry/generic/registry/store.go` and `pkg/registry/rest/{create,update,delete}.go`.
 */
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import type { KubeObject, Stored } from '../../api/meta/types';
import type { RequestContext } from '../request-context';
import type {
  CachedObject,
  Preconditions,
  StorageListOptions,
  StorageListResult,
  StorageWatcher,
  StorageWatchOptions,
} from '../storage/storage';

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
 * succeeds and released by the returned function when it does not.
 */
export interface StoreHooks<T extends KubeObject> {
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
    options?: { subresource?: string; preconditions?: Preconditions },
  ): Promise<UpdateResult<T>>;
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
