/**
 * Adoption and release: a controller owns the objects its selector matches, and lets go of those it no longer matches.
 * Upstream: `controller_ref_manager.go`.
 */
import { getControllerOf, newControllerRef } from '../../api/meta/controller-ref';
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import type { Selector } from '../../api/meta/selectors';
import { isInvalid, isNotFound } from '../../api/meta/status-error';
import type { KubeObject, Stored } from '../../api/meta/types';
import type { RestClient } from '../../client/rest-client';

export interface ClaimPlan<T extends KubeObject> {
  keep: Stored<T>[];
  adopt: Stored<T>[];
  release: Stored<T>[];
}

/** Whose objects are what. An owner that is being deleted neither adopts nor releases. */
export function planClaims<T extends KubeObject>(
  owner: Stored<KubeObject>,
  selector: Selector,
  objects: readonly Stored<T>[],
): ClaimPlan<T> {
  const plan: ClaimPlan<T> = { keep: [], adopt: [], release: [] };
  const deleting = owner.metadata.deletionTimestamp !== undefined;
  for (const object of objects) {
    const ref = getControllerOf(object);
    const matches = selector.matches(object.metadata.labels);
    if (ref) {
      if (ref.uid !== owner.metadata.uid) continue;
      if (matches) plan.keep.push(object);
      else if (!deleting) plan.release.push(object);
    } else if (matches && !deleting && !object.metadata.deletionTimestamp) {
      plan.adopt.push(object);
    }
  }
  return plan;
}

export interface ClaimRequest<T extends KubeObject, O extends KubeObject> {
  client: RestClient;
  owner: Stored<O>;
  ownerDefinition: ResourceDefinition<O>;
  definition: ResourceDefinition<T>;
  selector: Selector;
  objects: readonly Stored<T>[];
}

/** Carries out `planClaims` and gives what the owner has afterwards. Throws after trying everything. */
export async function claimObjects<T extends KubeObject, O extends KubeObject>(
  request: ClaimRequest<T, O>,
): Promise<Stored<T>[]> {
  const { owner, selector, objects } = request;
  const { keep, adopt, release } = planClaims(owner, selector, objects);
  if (adopt.length) await confirmMayAdopt(request);
  const outcomes = await Promise.allSettled([
    ...adopt.map(async (object) => adoptObject(request, object)),
    ...release.map(async (object) => releaseObject(request, object)),
  ]);
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure) throw failure.reason;
  const adopted = outcomes.flatMap((outcome) =>
    outcome.status === 'fulfilled' && outcome.value ? [outcome.value] : [],
  );
  return [...keep, ...adopted];
}

/** The cache may not know yet that the owner is going, or is another one under the same name: ask the server. */
async function confirmMayAdopt<O extends KubeObject>({
  client,
  owner,
  ownerDefinition,
}: Pick<ClaimRequest<KubeObject, O>, 'client' | 'owner' | 'ownerDefinition'>): Promise<void> {
  const { namespace, name, uid } = owner.metadata;
  const fresh = await client.get(ownerDefinition, name, namespace);
  if (fresh.metadata.uid !== uid) {
    throw new Error(
      `original ${ownerDefinition.kind} ${namespace}/${name} is gone: got uid ${fresh.metadata.uid}, wanted ${uid}`,
    );
  }
  if (fresh.metadata.deletionTimestamp) {
    throw new Error(`${namespace}/${name} has just been deleted at ${fresh.metadata.deletionTimestamp}`);
  }
}

/** The UID in the patch is its precondition. */
async function adoptObject<T extends KubeObject, O extends KubeObject>(
  { client, owner, ownerDefinition, definition }: ClaimRequest<T, O>,
  object: Stored<T>,
): Promise<Stored<T> | undefined> {
  const { namespace, name, uid } = object.metadata;
  const ownerReferences = [newControllerRef(owner, ownerDefinition)];
  try {
    return await client.patch(
      definition,
      name,
      namespace,
      { metadata: { ownerReferences, uid } },
      { type: 'strategic' },
    );
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function releaseObject<T extends KubeObject, O extends KubeObject>(
  { client, owner, definition }: ClaimRequest<T, O>,
  object: Stored<T>,
): Promise<undefined> {
  const { namespace, name, uid } = object.metadata;
  try {
    await client.patch(definition, name, namespace, dropOwnerPatch([owner.metadata.uid], uid), { type: 'strategic' });
  } catch (error) {
    // Invalid: it is another object under this name, or it has lost the reference already.
    if (!isNotFound(error) && !isInvalid(error)) throw error;
  }
  return undefined;
}

/** A strategic merge patch that takes the references to `ownerUids` out of the object with `uid`. */
export const dropOwnerPatch = (ownerUids: readonly string[], uid: string): unknown => ({
  metadata: { ownerReferences: ownerUids.map((ownerUid) => ({ $patch: 'delete', uid: ownerUid })), uid },
});
