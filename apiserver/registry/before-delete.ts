/**
 * Decides how a deletion goes: at once, gracefully, or waiting for finalizers. Pure. Upstream: `pkg/registry/rest/delete.go` and
 * `deletionFinalizersForGarbageCollection` in `generic/registry/store.go`.
 */
import { deepEqual } from '../../api/meta/json';
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import { type GroupResource, newConflict } from '../../api/meta/status-error';
import type { KubeObject, Stored } from '../../api/meta/types';
import { formatTime } from '../../component-base/clock';
import type { Preconditions } from '../storage/storage';
import type { DeleteRequest } from './store';

/**
 * - `remove`: take it out of storage
 * - `remove-after-update`: write the edited object, so that watchers see the end coming, then take it out
 * - `wait`: write the edited object; somebody else ends it
 * - `nothing`: it is being deleted already, and this request does not hurry it
 */
export type DeletionPlan = 'remove' | 'remove-after-update' | 'wait' | 'nothing';

const orphan = 'orphan';
const foreground = 'foregroundDeletion';

/** Plans the deletion and edits `object`, a copy, accordingly. `held`: something beyond finalizers keeps it. */
export function planDeletion<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  object: Stored<T>,
  request: DeleteRequest,
  options: { nowMs: number; held: boolean },
): DeletionPlan {
  const graceful = beginGraceful(definition, object, request, options.nowMs);
  if (graceful === 'pending') return 'nothing';
  // Finalizers follow the policy of the first deletion; later ones change them as well while none is pending.
  const finalizers = finalizersFor(definition, object, request);
  if (!deepEqual(finalizers, object.metadata.finalizers ?? [])) object.metadata.finalizers = finalizers;
  const mustWait = finalizers.length > 0 || options.held;
  if (graceful === 'none') {
    if (!mustWait) return 'remove';
    markAsDeleting(object, options.nowMs);
    return 'wait';
  }
  return mustWait || object.metadata.deletionGracePeriodSeconds! > 0 ? 'wait' : 'remove-after-update';
}

/** Sets or shortens the grace period. `pending`: one is running that is not longer than asked. */
function beginGraceful<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  object: Stored<T>,
  request: DeleteRequest,
  nowMs: number,
): 'none' | 'pending' | 'changed' {
  if (!definition.gracePeriodSeconds) return 'none';
  const { metadata } = object;
  // Negative values count as one second.
  const requested =
    request.gracePeriodSeconds !== undefined && request.gracePeriodSeconds < 0 ? 1 : request.gracePeriodSeconds;
  if (metadata.deletionTimestamp) {
    const current = metadata.deletionGracePeriodSeconds;
    // Nothing or 0: the update before the removal was written, the removal was not.
    if (!current) return 'none';
    if (requested === undefined || requested >= current) return 'pending';
    const begunMs = Date.parse(metadata.deletionTimestamp) - current * 1_000;
    metadata.deletionTimestamp = formatTime(begunMs + requested * 1_000);
    metadata.deletionGracePeriodSeconds = requested;
    return 'changed';
  }
  const seconds = Math.max(0, definition.gracePeriodSeconds(object, requested));
  metadata.deletionTimestamp = formatTime(nowMs + seconds * 1_000);
  metadata.deletionGracePeriodSeconds = seconds;
  if (metadata.generation) metadata.generation++;
  return 'changed';
}

/** Of an object without grace that has to wait for finalizers. */
function markAsDeleting({ metadata }: Stored<KubeObject>, nowMs: number): void {
  if (!metadata.deletionTimestamp && metadata.generation) metadata.generation++;
  if (!metadata.deletionTimestamp || Date.parse(metadata.deletionTimestamp) > nowMs) {
    metadata.deletionTimestamp = formatTime(nowMs);
  }
  metadata.deletionGracePeriodSeconds = 0;
}

/** The object's finalizers with those of the garbage collector as the request wants them. */
function finalizersFor(definition: ResourceDefinition, object: Stored<KubeObject>, request: DeleteRequest): string[] {
  const finalizers = object.metadata.finalizers ?? [];
  const policy = policyOf(definition, finalizers, request);
  return [
    ...finalizers.filter((name) => name !== orphan && name !== foreground),
    ...(policy === 'Orphan' ? [orphan] : []),
    ...(policy === 'Foreground' ? [foreground] : []),
  ];
}

function policyOf(definition: ResourceDefinition, finalizers: string[], request: DeleteRequest): string | undefined {
  if (request.orphanDependents !== undefined) return request.orphanDependents ? 'Orphan' : 'Background';
  if (request.propagationPolicy) return request.propagationPolicy;
  // An earlier decision stays.
  if (finalizers.includes(orphan)) return 'Orphan';
  if (finalizers.includes(foreground)) return 'Foreground';
  return definition.defaultPropagation;
}

/** Throws Conflict when the request speaks of another object or state. */
export function checkDeletePreconditions(
  resource: GroupResource,
  { metadata }: Stored<KubeObject>,
  preconditions: Preconditions | undefined,
): void {
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid && uid !== metadata.uid) {
    throw newConflict(
      resource,
      metadata.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). ` +
        'The object might have been deleted and then recreated',
    );
  }
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    throw newConflict(
      resource,
      metadata.name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record ` +
        `(${metadata.resourceVersion}). The object might have been modified`,
    );
  }
}

/** True if the update that made `object` took away the last thing its deletion waited for. */
export function completesDeletion(object: KubeObject, old: Stored<KubeObject>, held: boolean): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = old.metadata;
  return (
    Boolean(deletionTimestamp) && deletionGracePeriodSeconds === 0 && !held && !object.metadata?.finalizers?.length
  );
}
