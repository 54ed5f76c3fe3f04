/** How many pods the controllers of a budget's pods mean to run. Upstream: `getExpectedScale` and its finders. */
import { deployments, type Deployment } from '../../../api/apps/v1/deployment';
import { type ReplicaSet, replicaSets } from '../../../api/apps/v1/replicaset';
import type { Pod } from '../../../api/core/v1/pod';
import { getControllerOf } from '../../../api/meta/controller-ref';
import { isNotFound } from '../../../api/meta/status-error';
import type { OwnerReference, Stored } from '../../../api/meta/types';
import type { Lister } from '../../../client/informer';
import { resourcePath } from '../../../client/resource-path';
import type { RestClient } from '../../../client/rest-client';
import { findWithSubresource } from '../../discovery';
import { groupOf } from '../owned-objects';

export interface ScaleSources {
  client: RestClient;
  replicaSetLister: Lister<ReplicaSet>;
  deploymentLister: Lister<Deployment>;
}

export interface ExpectedScale {
  count: number;
  /** Names of pods that no controller manages. */
  unmanaged: string[];
}

/** Throws when a controller has no scale, or it cannot be read. */
export async function expectedScale(sources: ScaleSources, pods: readonly Stored<Pod>[]): Promise<ExpectedScale> {
  const byController = new Map<string, number>();
  const unmanaged: string[] = [];
  for (const pod of pods) {
    const ref = getControllerOf(pod);
    if (!ref) {
      unmanaged.push(pod.metadata.name);
      continue;
    }
    if (byController.has(ref.uid)) continue;
    const scale = await findScale(sources, ref, pod.metadata.namespace!);
    // A ReplicaSet stands for its Deployment, which may have several.
    if (scale) byController.set(ref.uid, 0).set(scale.uid, scale.replicas);
  }
  return { count: [...byController.values()].reduce((sum, replicas) => sum + replicas, 0), unmanaged };
}

interface Scale {
  uid: string;
  replicas: number;
}

async function findScale(sources: ScaleSources, ref: OwnerReference, namespace: string): Promise<Scale | undefined> {
  if (ref.kind !== replicaSets.kind || groupOf(ref.apiVersion) !== replicaSets.group) {
    return readScale(sources.client, ref, namespace);
  }
  const replicaSet = sources.replicaSetLister.get(`${namespace}/${ref.name}`);
  if (replicaSet?.metadata.uid !== ref.uid) return undefined;
  const owner = getControllerOf(replicaSet);
  if (!owner) return { uid: ref.uid, replicas: replicaSet.spec?.replicas ?? 1 };
  if (owner.kind !== deployments.kind || groupOf(owner.apiVersion) !== deployments.group) {
    return readScale(sources.client, owner, namespace);
  }
  const deployment = sources.deploymentLister.get(`${namespace}/${owner.name}`);
  if (deployment?.metadata.uid !== owner.uid) return undefined;
  return { uid: owner.uid, replicas: deployment.spec?.replicas ?? 1 };
}

/** Any other kind by its scale subresource. */
async function readScale(client: RestClient, ref: OwnerReference, namespace: string): Promise<Scale | undefined> {
  const definition = await findWithSubresource(client, ref, 'scale');
  if (!definition) throw new Error(`${ref.apiVersion}, Kind=${ref.kind} does not implement the scale subresource`);
  const path = resourcePath(definition, { namespace, name: ref.name, subresource: 'scale' });
  try {
    const scale = await client.raw<{ metadata?: { uid?: string }; spec?: { replicas?: number } }>({
      method: 'GET',
      path,
    });
    return scale.metadata?.uid === ref.uid ? { uid: ref.uid, replicas: scale.spec?.replicas ?? 0 } : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
