/** Acting on the graph: verifying owners, deleting, letting go. Every write is guarded by UID or resourceVersion. */
import type { ResourceDefinition } from '../../../api/meta/resource-definition';
import { isConflict, isInvalid, isNotFound } from '../../../api/meta/status-error';
import type { KubeObject, OwnerReference, Stored } from '../../../api/meta/types';
import type { ReconcileResult } from '../../../client/controller';
import type { EventRecorder } from '../../../client/event-recorder';
import type { RestClient } from '../../../client/rest-client';
import type { Logger } from '../../../component-base/logger';
import type { AbsentOwners } from './absent-owners';
import { type DependencyGraph, describes, foregroundFinalizer, type GraphNode, orphanFinalizer } from './graph';
import { type OwnerState, planDeletion } from './plan-deletion';

export interface CollectorContext {
  client: RestClient;
  log: Logger;
  recorder: EventRecorder;
  graph: DependencyGraph;
  absentOwners: AbsentOwners;
  /** Looks at this object later. */
  check(uid: string): void;
  /** The kind of a reference; undefined when the server does not serve it, as far as is known. */
  definitionOf(ref: OwnerReference): ResourceDefinition | undefined;
}

/** An owner of an unknown kind may be of one that is just being added. */
const unknownKindRetryMs = 30_000;

/** Looks at one object: is it still owned, does it wait for its dependents? */
export async function checkObject(context: CollectorContext, uid: string): Promise<ReconcileResult> {
  const { graph, log } = context;
  const node = graph.get(uid);
  if (!node) return;
  if (node.deletingDependents) return finishForeground(context, node);
  // What is being deleted goes by itself; its dependents follow when it is gone.
  if (node.beingDeleted || node.owners.every((ref) => graph.isSolid(node, ref))) return;
  const states = new Map<OwnerReference, OwnerState>();
  for (const ref of node.owners) {
    const state = await ownerState(context, node, ref);
    if (state === undefined) {
      log.debug({ object: nameOf(node), owner: ref }, 'Owner of an unknown kind');
      return { requeueAfterMs: unknownKindRetryMs };
    }
    states.set(ref, state);
  }
  const plan = planDeletion(node, (ref) => states.get(ref) ?? 'solid', graph.dependentsOf(uid));
  if (plan.action === 'keep') return;
  if (plan.action === 'dropOwners') return patchOwners(context, node, plan.owners);
  let { resourceVersion } = node;
  if (plan.unblock) {
    const owners = node.owners.map((ref) => ({ ...ref, blockOwnerDeletion: false }));
    resourceVersion = (await patchGuarded(context, node, { ownerReferences: owners })).metadata.resourceVersion;
  }
  log.info({ object: nameOf(node), policy: plan.policy }, 'Deleting an object whose owners are gone');
  try {
    // The resourceVersion also vouches for the owners that were looked at.
    await context.client.delete(node.definition, node.name, node.namespace, {
      propagationPolicy: plan.policy,
      preconditions: { uid, resourceVersion },
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** The cache is trusted that an owner is there, never that it is not: then the server is asked. */
async function ownerState(
  { client, graph, absentOwners, definitionOf, recorder }: CollectorContext,
  node: GraphNode,
  ref: OwnerReference,
): Promise<OwnerState | undefined> {
  const known = graph.get(ref.uid);
  if (known && describes(ref, known, node)) return known.deletingDependents ? 'waiting' : 'solid';
  const definition = definitionOf(ref);
  if (!definition) return undefined;
  if (definition.namespaced && node.namespace === undefined) {
    const message = `ownerRef [${ref.apiVersion}/${ref.kind}, namespace: , name: ${ref.name}, uid: ${ref.uid}] does not exist in namespace ""`;
    recorder.event(objectOf(node), 'Warning', 'OwnerRefInvalidNamespace', message);
    return 'dangling';
  }
  const namespace = definition.namespaced ? node.namespace : undefined;
  if (absentOwners.has(namespace, ref)) return 'dangling';
  try {
    const owner = await client.get(definition, ref.name, namespace);
    const { uid, deletionTimestamp, finalizers = [] } = owner.metadata;
    if (uid === ref.uid) return deletionTimestamp && finalizers.includes(foregroundFinalizer) ? 'waiting' : 'solid';
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  absentOwners.add(namespace, ref);
  return 'dangling';
}

/** Foreground deletion: the object goes once no dependent blocks it. */
async function finishForeground(context: CollectorContext, node: GraphNode): Promise<void> {
  const blocking = context.graph.blockingDependents(node.uid);
  if (blocking.length === 0) return removeFinalizer(context, node, foregroundFinalizer);
  // Its own turn comes again when the last of them is gone.
  for (const { deletingDependents, uid } of blocking) if (!deletingDependents) context.check(uid);
}

/** Orphan deletion: the dependents lose their owner, then the object goes. */
export async function orphanDependents(context: CollectorContext, uid: string): Promise<void> {
  const node = context.graph.get(uid);
  if (!node?.orphaning) return;
  await Promise.all(
    context.graph.dependentsOf(uid).map(async (dependent) =>
      patchOwners(
        context,
        dependent,
        dependent.owners.filter((ref) => ref.uid !== uid),
      ),
    ),
  );
  await removeFinalizer(context, node, orphanFinalizer);
}

/** Leaves only `owners`. The loser of a race looks again at what is there then. */
async function patchOwners(context: CollectorContext, node: GraphNode, owners: OwnerReference[]): Promise<void> {
  const kept = new Set(owners.map(({ uid }) => uid));
  const dropped = new Set(node.owners.map(({ uid }) => uid).filter((uid) => !kept.has(uid)));
  try {
    await patchGuarded(context, node, { ownerReferences: owners.length ? owners : null });
  } catch (error) {
    if (isNotFound(error)) return;
    if (!isConflict(error) && !isInvalid(error)) throw error;
    const fresh = await getFresh(context, node);
    if (!fresh) return;
    const rest = (fresh.metadata.ownerReferences ?? []).filter(({ uid }) => !dropped.has(uid));
    const current = { ...node, resourceVersion: fresh.metadata.resourceVersion };
    await patchGuarded(context, current, { ownerReferences: rest.length ? rest : null });
  }
}

const patchGuarded = async (
  { client }: CollectorContext,
  { definition, name, namespace, resourceVersion, uid }: GraphNode,
  metadata: Record<string, unknown>,
): Promise<Stored<KubeObject>> =>
  client.patch<KubeObject>(definition, name, namespace, { metadata: { uid, resourceVersion, ...metadata } });

async function removeFinalizer(context: CollectorContext, node: GraphNode, finalizer: string): Promise<void> {
  for (;;) {
    const fresh = await getFresh(context, node);
    if (!fresh?.metadata.finalizers?.includes(finalizer)) return;
    const finalizers = fresh.metadata.finalizers.filter((name) => name !== finalizer);
    try {
      const current = { ...node, resourceVersion: fresh.metadata.resourceVersion };
      await patchGuarded(context, current, { finalizers: finalizers.length ? finalizers : null });
      return;
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error)) throw error;
    }
  }
}

/** The object with this UID as the server has it now. */
async function getFresh({ client }: CollectorContext, node: GraphNode): Promise<Stored<KubeObject> | undefined> {
  try {
    const fresh = await client.get<KubeObject>(node.definition, node.name, node.namespace);
    return fresh.metadata.uid === node.uid ? fresh : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

const objectOf = ({ definition, name, namespace, uid, resourceVersion }: GraphNode): KubeObject => ({
  apiVersion: definition.apiVersion,
  kind: definition.kind,
  metadata: { name, ...(namespace !== undefined && { namespace }), uid, resourceVersion },
});

const nameOf = ({ definition, name, namespace }: GraphNode): string =>
  `${definition.names.plural} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
