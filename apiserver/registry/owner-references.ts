/** An owner that is named twice is kept once, with a warning. Upstream: `dedupOwnerReferencesAndAddWarning`. */
import { deepEqual } from '../../api/meta/json';
import type { KubeObject, OwnerReference } from '../../api/meta/types';
import type { RequestContext } from '../request-context';

/** In place. `moment` says when it happened, if it was not in the request itself. */
export function dropRepeatedOwners(object: KubeObject, context: RequestContext, moment = ''): void {
  const references = object.metadata?.ownerReferences;
  if (!references || references.length < 2) return;
  const kept: OwnerReference[] = [];
  const repeated: string[] = [];
  for (const reference of references) {
    if (kept.some((other) => deepEqual(other, reference))) repeated.push(reference.uid);
    else kept.push(reference);
  }
  if (repeated.length === 0) return;
  object.metadata!.ownerReferences = kept;
  context.warn(
    `.metadata.ownerReferences contains duplicate entries${moment}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${repeated.join(', ')}`,
  );
}

export const afterMutatingAdmission = ' after mutating admission happens';
