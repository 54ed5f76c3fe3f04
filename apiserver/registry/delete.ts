/** Deletes an object, or begins its deletion. Upstream: `Store.Delete` and `updateForGracefulDeletionAndFinalizers`. */
import { cloneJson } from '../../api/meta/json';
import { isNotFound, newNotFound } from '../../api/meta/status-error';
import type { KubeObject, Stored } from '../../api/meta/types';
import type { RequestContext } from '../request-context';
import type { CachedObject } from '../storage/storage';
import { checkDeletePreconditions, type DeletionPlan, planDeletion } from './before-delete';
import type { DeleteRequest, DeleteResult } from './store';
import { admissionAttributes, type KindStore, storageKey } from './store-deps';

/** The object cannot be removed at once: it must be written with its deletion begun. */
class NotYet extends Error {
  constructor() {
    super('the deletion has to be prepared');
  }
}

interface Deletion {
  context: RequestContext;
  namespace: string;
  name: string;
  request: DeleteRequest;
  /** The state that admission has seen: it is asked once, however many attempts there are. */
  admittedVersion?: string;
}

export async function deleteObject<T extends KubeObject>(
  kind: KindStore<T>,
  deletion: Deletion,
): Promise<DeleteResult<T>> {
  const { definition } = kind;
  // Most objects have neither grace nor finalizers; those of kinds with grace nearly always need the first write.
  for (let direct = !definition.gracePeriodSeconds; ; direct = !direct) {
    const result = direct ? await removeNow(kind, deletion) : await beginDeletion(kind, deletion);
    if (result) return result;
  }
}

/** Checks the current state and plans; edits `object`. */
async function plan<T extends KubeObject>(
  { definition, resource, admission, hooks, clock }: KindStore<T>,
  deletion: Deletion,
  object: Stored<T>,
): Promise<DeletionPlan> {
  const { context, namespace, name, request } = deletion;
  checkDeletePreconditions(resource, object, request.preconditions);
  const { resourceVersion } = object.metadata;
  if (deletion.admittedVersion !== resourceVersion) {
    const oldObject = cloneJson(object);
    const options = { ...request };
    const attributes = admissionAttributes(definition, 'DELETE', context, { namespace, name, oldObject, options });
    await admission.admit(attributes);
    await admission.validate(attributes);
    deletion.admittedVersion = resourceVersion;
  }
  await hooks.beforeDelete?.(context, object, request);
  const held = hooks.waitsForFinalization?.(object) ?? false;
  return planDeletion(definition, object, request, { nowMs: clock.now(), held });
}

/** Removes the object if nothing has to be waited for; undefined otherwise. */
async function removeNow<T extends KubeObject>(
  kind: KindStore<T>,
  deletion: Deletion,
): Promise<DeleteResult<T> | undefined> {
  const { definition, storage, hooks } = kind;
  const { dryRun } = deletion.context;
  try {
    const entry = await storage.delete(storageKey(definition, deletion.namespace, deletion.name), {
      dryRun,
      async validate(current) {
        if ((await plan(kind, deletion, cloneJson(current))) !== 'remove') throw new NotYet();
      },
    });
    if (!dryRun) hooks.afterDelete?.(entry.object);
    return { entry, deleted: true };
  } catch (error) {
    if (error instanceof NotYet) return undefined;
    throw error;
  }
}

/** Writes the object with its deletion begun; undefined when it can be removed at once after all. */
async function beginDeletion<T extends KubeObject>(
  kind: KindStore<T>,
  deletion: Deletion,
): Promise<DeleteResult<T> | undefined> {
  const { definition, resource, storage, ttlSeconds } = kind;
  const { namespace, name, context } = deletion;
  const key = storageKey(definition, namespace, name);
  let planned: DeletionPlan = 'nothing';
  const entry = await storage.guaranteedUpdate(
    key,
    async (current) => {
      if (!current) throw newNotFound(resource, name);
      planned = await plan(kind, deletion, current);
      return planned === 'wait' || planned === 'remove-after-update' ? current : undefined;
    },
    { ttlSeconds, dryRun: context.dryRun },
  );
  // The callback has set it; the compiler cannot know.
  switch (planned as DeletionPlan) {
    case 'remove':
      return undefined;
    case 'remove-after-update':
      return removeAnnounced(kind, deletion, entry);
    case 'wait':
    case 'nothing':
      return { entry, deleted: false };
  }
}

/** Watchers have seen the deletion begin without grace. Whoever else removes the object in between is welcome to. */
async function removeAnnounced<T extends KubeObject>(
  { definition, storage, hooks }: KindStore<T>,
  { namespace, name, context }: Deletion,
  announced: CachedObject<T>,
): Promise<DeleteResult<T>> {
  if (context.dryRun) return { entry: announced, deleted: true };
  try {
    const { uid } = announced.object.metadata;
    const entry = await storage.delete(storageKey(definition, namespace, name), { preconditions: { uid } });
    hooks.afterDelete?.(entry.object);
    return { entry, deleted: true };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return { entry: announced, deleted: true };
  }
}
