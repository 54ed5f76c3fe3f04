/** Which old ReplicaSets fall out of the revision history. Upstream: `cleanupDeployment`. */
import type { Deployment } from '../../../api/apps/v1/deployment';
import type { ReplicaSet } from '../../../api/apps/v1/replicaset';
import type { Stored } from '../../../api/meta/types';
import { revisionOf } from './annotations';
import { oldestFirst, specReplicas } from './replica-sets';

/** The oldest revisions beyond the limit, except those that still have replicas or were not observed yet. */
export function planCleanup({ spec }: Deployment, old: readonly Stored<ReplicaSet>[]): Stored<ReplicaSet>[] {
  const limit = spec?.revisionHistoryLimit;
  if (limit === undefined || limit === 2 ** 31 - 1) return [];
  const candidates = old.filter(({ metadata }) => !metadata.deletionTimestamp);
  return oldestFirst(candidates)
    .toSorted((a, b) => Number(revisionOf(a) - revisionOf(b)))
    .slice(0, Math.max(candidates.length - limit, 0))
    .filter(
      (replicaSet) =>
        specReplicas(replicaSet) === 0 &&
        (replicaSet.status?.replicas ?? 0) === 0 &&
        (replicaSet.metadata.generation ?? 0) <= (replicaSet.status?.observedGeneration ?? 0),
    );
}
