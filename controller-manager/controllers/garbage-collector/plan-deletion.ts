/** What to do with an object, given what is known of each of its owners. Upstream: `attemptToDeleteItem`. */
import type { OwnerReference } from '../../../api/meta/types';
import { foregroundFinalizer, type GraphNode, orphanFinalizer } from './graph';

/** `dangling`: the owner is gone. `waiting`: the owner waits for its dependents to go first. */
export type OwnerState = 'solid' | 'dangling' | 'waiting';

export type DeletionPolicy = 'Background' | 'Foreground' | 'Orphan';

export type DeletionPlan =
  | { action: 'keep' }
  | { action: 'dropOwners'; owners: OwnerReference[] }
  /** `unblock` first lets go of the owners that it holds up: it is in a circle with them. */
  | { action: 'delete'; policy: DeletionPolicy; unblock: boolean };

export function planDeletion(
  node: Pick<GraphNode, 'owners' | 'finalizers'>,
  stateOf: (ref: OwnerReference) => OwnerState,
  dependents: readonly Pick<GraphNode, 'deletingDependents'>[],
): DeletionPlan {
  const solid = node.owners.filter((ref) => stateOf(ref) === 'solid');
  if (solid.length === node.owners.length) return { action: 'keep' };
  // One owner is enough to stay for; the others must not wait for it.
  if (solid.length) return { action: 'dropOwners', owners: solid };
  const waiting = node.owners.some((ref) => stateOf(ref) === 'waiting');
  if (waiting && dependents.length) {
    return { action: 'delete', policy: 'Foreground', unblock: dependents.some((each) => each.deletingDependents) };
  }
  return { action: 'delete', policy: policyOf(node.finalizers), unblock: false };
}

/** What somebody asked for by finalizer is respected. */
function policyOf(finalizers: readonly string[]): DeletionPolicy {
  if (finalizers.includes(orphanFinalizer)) return 'Orphan';
  return finalizers.includes(foregroundFinalizer) ? 'Foreground' : 'Background';
}
