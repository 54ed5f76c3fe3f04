/** Changes an object, or creates it where the kind allows that on update. Upstream: `Store.Update`. */
import {
  isConflict,
  isNotFound,
  isTimeout,
  newConflict,
  newInvalid,
  newModifiedConflict,
  newNotFound,
} from '../../api/meta/status-error';
import { cloneJson } from '../../api/meta/json';
import { invalid } from '../../api/meta/field-error';
import type { KubeObject, Stored } from '../../api/meta/types';
import type { RequestContext } from '../request-context';
import { unstoredEntry } from '../storage/cached-object';
import type { Preconditions } from '../storage/storage';
import { ensureNamespace } from './before-create';
import { completesDeletion } from './before-delete';
import { prepareUpdate, updateHooks, validateUpdate } from './before-update';
import { admitCreate, finishCreate } from './create';
import type { UpdateResult } from './store';
import { ignoreManagedFieldsTimes, keepingManagedFields, recordFields } from './managed-fields';
import { afterMutatingAdmission, dropRepeatedOwners } from './owner-references';
import { admissionAttributes, type KindStore, storageKey } from './store-deps';

export interface UpdateOptions {
  subresource?: string;
  preconditions?: Preconditions;
  /** Apply creates what does not exist, whatever the kind says of PUT. */
  createIfMissing?: boolean;
  /** Throws if the client may not create what does not exist. */
  authorizeCreate?(): Promise<void>;
  /** What the entry of managed fields names, where it is not `subresource`. */
  recordAs?: string;
  /** `transform` has set the managed fields. */
  fieldsAreRecorded?: boolean;
}

export interface UpdateRequest<T extends KubeObject> extends UpdateOptions {
  context: RequestContext;
  namespace: string;
  name: string;
  /** May edit what it gets, and may give the same object each time. */
  transform(current: Stored<T> | undefined): Promise<T> | T;
}

/** Not an error of the client: the update took the last finalizer of a deleted object, which is removed instead. */
class DeletionComplete<T extends KubeObject> extends Error {
  constructor(
    readonly object: T,
    readonly old: Stored<T>,
  ) {
    super('the deletion is complete');
  }
}

/** What one attempt did, for the end of the request. */
interface Attempt<T extends KubeObject> {
  release(): void;
  created: boolean;
  old?: Stored<T>;
  warnings: string[];
}

export async function updateObject<T extends KubeObject>(
  kind: KindStore<T>,
  request: UpdateRequest<T>,
): Promise<UpdateResult<T>> {
  for (;;) {
    try {
      return await updateOnce(kind, request);
    } catch (error) {
      if (!(error instanceof DeletionComplete)) throw error;
      const result = await removeCompleted(kind, request, error as DeletionComplete<T>);
      if (result) return result;
    }
  }
}

async function updateOnce<T extends KubeObject>(
  kind: KindStore<T>,
  request: UpdateRequest<T>,
): Promise<UpdateResult<T>> {
  const { definition, storage, ttlSeconds, hooks } = kind;
  const { context, preconditions } = request;
  const { dryRun } = context;
  let attempt: Attempt<T> | undefined;
  try {
    const key = storageKey(definition, request.namespace, request.name);
    const entry = await storage.guaranteedUpdate(
      key,
      async (current) => {
        attempt?.release();
        attempt = undefined;
        const desired = (await request.transform(current && cloneJson(current))) as T | undefined;
        if (!desired) return undefined;
        const object = cloneJson(desired);
        if (current) attempt = await attemptUpdate(kind, request, object, current);
        else attempt = await attemptCreate(kind, request, object);
        return object;
      },
      { preconditions, ttlSeconds, dryRun },
    );
    if (!attempt) return { entry, created: false };
    const { created, old, warnings } = attempt;
    for (const warning of warnings) context.warn(warning);
    if (old && !dryRun && entry.object.metadata.resourceVersion !== old.metadata.resourceVersion) {
      hooks.afterUpdate?.(entry.object, old);
    }
    return { entry, created };
  } catch (error) {
    // As in a creation: it may have been written.
    if (!isTimeout(error)) attempt?.release();
    throw error;
  }
}

async function attemptCreate<T extends KubeObject>(
  kind: KindStore<T>,
  { context, namespace, name, subresource, createIfMissing, fieldsAreRecorded, authorizeCreate }: UpdateRequest<T>,
  object: T,
): Promise<Attempt<T>> {
  const { definition, resource } = kind;
  if (subresource || !(definition.allowCreateOnUpdate || createIfMissing)) throw newNotFound(resource, name);
  // An object that carries a version or an identity was there before: it is gone.
  if (object.metadata?.resourceVersion) throw newNotFound(resource, name);
  await authorizeCreate?.();
  await admitCreate(kind, context, namespace, object, { fieldsAreRecorded });
  const release = await finishCreate(kind, context, namespace, object);
  return { release, created: true, warnings: [] };
}

async function attemptUpdate<T extends KubeObject>(
  kind: KindStore<T>,
  { context, namespace, name, subresource = '', recordAs, fieldsAreRecorded }: UpdateRequest<T>,
  object: T,
  old: Stored<T>,
): Promise<Attempt<T>> {
  const { definition, admission, hooks } = kind;
  ensureNamespace(definition, namespace, object);
  definition.defaults?.(object);
  dropRepeatedOwners(object, context);
  if (!fieldsAreRecorded) await recordFields(kind, context, recordAs ?? subresource, old, object);
  const attributes = admissionAttributes(definition, 'UPDATE', context, {
    namespace,
    name,
    subresource: recordAs ?? subresource,
    object,
    oldObject: old,
  });
  await keepingManagedFields(object, () => admission.admit(attributes));
  dropRepeatedOwners(object, context, afterMutatingAdmission);
  checkIdentity(kind, object, old);
  prepareUpdate(definition, subresource, object, old);
  ignoreManagedFieldsTimes(object, old);
  const errors = validateUpdate(definition, subresource, object, old);
  if (errors.length === 0 && !subresource) errors.push(...(hooks.validate?.(object, old) ?? []));
  if (errors.length) throw newInvalid(definition, name, errors);
  await admission.validate(attributes);
  if (completesDeletion(object, old, hooks.waitsForFinalization?.(object) ?? false)) {
    throw new DeletionComplete(object, old);
  }
  const release = (await hooks.beginUpdate?.(context, object, old)) ?? (() => undefined);
  const warnings = updateHooks(definition, subresource).warnings?.(object, old) ?? [];
  return { release, created: false, old, warnings };
}

/** The object is the one that is stored, at the version the client has seen; without a version, at any. */
function checkIdentity<T extends KubeObject>(
  { definition, resource }: KindStore<T>,
  object: T,
  { metadata: { name, uid, resourceVersion } }: Stored<T>,
): void {
  const metadata = object.metadata!;
  if (metadata.uid && metadata.uid !== uid) {
    throw newConflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${uid}`,
    );
  }
  if (!metadata.resourceVersion || metadata.resourceVersion === '0') {
    if (definition.allowUnconditionalUpdate === false) {
      throw newInvalid(definition, name, [invalid('metadata.resourceVersion', 0, 'must be specified for an update')]);
    }
    metadata.resourceVersion = resourceVersion;
  } else if (metadata.resourceVersion !== resourceVersion) throw newModifiedConflict(resource, name);
}

/** Removes the object that the update would have left without finalizers. Undefined: it changed in between. */
async function removeCompleted<T extends KubeObject>(
  { definition, storage, hooks }: KindStore<T>,
  { context, namespace, name }: UpdateRequest<T>,
  { object, old }: DeletionComplete<T>,
): Promise<UpdateResult<T> | undefined> {
  const key = storageKey(definition, namespace, name);
  const { uid, resourceVersion } = old.metadata;
  try {
    const { revision } = await storage.delete(key, { preconditions: { uid, resourceVersion }, dryRun: context.dryRun });
    object.metadata!.resourceVersion = String(revision);
    if (!context.dryRun) hooks.afterDelete?.(object as Stored<T>);
  } catch (error) {
    if (isConflict(error)) {
      // The cache that the next attempt starts from is behind: a linearizable read waits for it.
      await storage.get(key).catch(() => undefined);
      return undefined;
    }
    if (!isNotFound(error)) throw error;
  }
  return { entry: unstoredEntry(definition, key, object), created: false };
}
