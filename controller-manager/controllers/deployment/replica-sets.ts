/** Telling a Deployment's ReplicaSets apart, ordering and counting them. Upstream: `deployment_util.go`. */
import type { Deployment } from '../../../api/apps/v1/deployment';
import type { ReplicaSet } from '../../../api/apps/v1/replicaset';
import type { PodTemplateSpec } from '../../../api/core/v1/pod';
import { deepEqual } from '../../../api/meta/json';
import type { Stored } from '../../../api/meta/types';

export const templateHashLabel = 'pod-template-hash';

export interface ReplicaSetFamily {
  /** The one whose template is the Deployment's. */
  newReplicaSet?: Stored<ReplicaSet>;
  /** All others. */
  old: Stored<ReplicaSet>[];
}

/** Among several with the right template the oldest is the new one, so that all instances choose the same. */
export function splitReplicaSets(deployment: Deployment, all: readonly Stored<ReplicaSet>[]): ReplicaSetFamily {
  const newReplicaSet = oldestFirst(all).find((replicaSet) =>
    sameTemplate(replicaSet.spec?.template, deployment.spec?.template),
  );
  return { ...(newReplicaSet && { newReplicaSet }), old: all.filter((replicaSet) => replicaSet !== newReplicaSet) };
}

/** Equal but for the hash label, which differs when upstream's algorithm made one and ours the other. */
export const sameTemplate = (a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean =>
  deepEqual(withoutHash(a), withoutHash(b));

function withoutHash(template: PodTemplateSpec = {}): PodTemplateSpec {
  const { [templateHashLabel]: _, ...labels } = template.metadata?.labels ?? {};
  const { creationTimestamp: _never, ...metadata } = template.metadata ?? {};
  return { ...template, metadata: { ...metadata, labels } };
}

export const oldestFirst = (all: readonly Stored<ReplicaSet>[]): Stored<ReplicaSet>[] =>
  all.toSorted(
    (a, b) =>
      compare(a.metadata.creationTimestamp, b.metadata.creationTimestamp) || compare(a.metadata.name, b.metadata.name),
  );

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Larger first; among equals the newer (or, with `older`, the older) first. */
export const bySize = (all: readonly Stored<ReplicaSet>[], tie: 'newer' | 'older'): Stored<ReplicaSet>[] => {
  const aged = tie === 'older' ? oldestFirst(all) : oldestFirst(all).reverse();
  return aged.toSorted((a, b) => specReplicas(b) - specReplicas(a));
};

export const specReplicas = (replicaSet: ReplicaSet): number => replicaSet.spec?.replicas ?? 0;

export const isActive = (replicaSet: ReplicaSet): boolean => specReplicas(replicaSet) > 0;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

export const totalSpecReplicas = (all: readonly ReplicaSet[]): number => sum(all.map(specReplicas));

/** The sum of one count of the statuses. */
export const totalStatus = (
  all: readonly ReplicaSet[],
  field: 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas',
): number => sum(all.map(({ status }) => status?.[field] ?? 0));

/** The one to scale when no more than one has replicas: that one, else the new one, else the newest. */
export function findActiveOrLatest({ newReplicaSet, old }: ReplicaSetFamily): Stored<ReplicaSet> | undefined {
  const active = [...old, ...(newReplicaSet ? [newReplicaSet] : [])].filter(isActive);
  if (active.length > 1) return undefined;
  return active[0] ?? newReplicaSet ?? oldestFirst(old).at(-1);
}
