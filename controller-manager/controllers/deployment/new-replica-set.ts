/** Finding, updating or creating the ReplicaSet of the current template. Upstream: `getNewReplicaSet`. */
import type { Deployment } from '../../../api/apps/v1/deployment';
import { deployments } from '../../../api/apps/v1/deployment';
import { type ReplicaSet, replicaSets } from '../../../api/apps/v1/replicaset';
import { getControllerOf, newControllerRef } from '../../../api/meta/controller-ref';
import { cloneJson, deepEqual } from '../../../api/meta/json';
import { isAlreadyExists } from '../../../api/meta/status-error';
import type { Stored } from '../../../api/meta/types';
import { isNamespaceTerminating, messageOf } from '../pod-control';
import { newReplicaSetAnnotations, nextRevision, revisionAnnotation } from './annotations';
import { conditionOf, progressDeadlineMs, reasons, withCondition } from './conditions';
import type { DeploymentContext } from './reconcile';
import { newReplicaCount } from './plan-scale';
import { type ReplicaSetFamily, sameTemplate, templateHashLabel } from './replica-sets';
import { podTemplateHash } from './template-hash';

/**
 * The family with its new ReplicaSet up to date. Edits `draft` (conditions and revision), which the caller writes. With
 * `create` a missing one is created.
 */
export async function syncNewReplicaSet(
  context: DeploymentContext,
  draft: Stored<Deployment>,
  family: ReplicaSetFamily,
  create: boolean,
): Promise<ReplicaSetFamily> {
  const { newReplicaSet, old } = family;
  if (newReplicaSet) {
    const updated = await updateNewReplicaSet(context, draft, newReplicaSet, nextRevision(old));
    noteProgress(context, draft, reasons.foundNewReplicaSet, `Found new replica set "${updated.metadata.name}"`, true);
    noteRevision(draft, updated);
    return { newReplicaSet: updated, old };
  }
  if (!create) return family;
  const created = await createNewReplicaSet(context, draft, old);
  noteRevision(draft, created);
  return { newReplicaSet: created, old };
}

async function updateNewReplicaSet(
  { client, replicaSetWrites }: DeploymentContext,
  draft: Stored<Deployment>,
  replicaSet: Stored<ReplicaSet>,
  revision: bigint,
): Promise<Stored<ReplicaSet>> {
  const annotations = newReplicaSetAnnotations(draft, replicaSet, revision);
  const minReadySeconds = draft.spec?.minReadySeconds ?? 0;
  if (
    deepEqual(annotations, replicaSet.metadata.annotations ?? {}) &&
    minReadySeconds === (replicaSet.spec?.minReadySeconds ?? 0)
  ) {
    return replicaSet;
  }
  const updated = await client.update(replicaSets, {
    ...replicaSet,
    metadata: { ...replicaSet.metadata, annotations },
    spec: { ...cloneJson(replicaSet.spec!), minReadySeconds },
  });
  replicaSetWrites.note(updated);
  return updated;
}

/** The ReplicaSet to create for the template; its size is what the surge allows beside the old ones. */
export function buildReplicaSet(deployment: Stored<Deployment>, old: readonly ReplicaSet[]): ReplicaSet {
  const { selector, template, minReadySeconds } = deployment.spec!;
  const hash = podTemplateHash(template, deployment.status?.collisionCount);
  const labels = { ...template.metadata?.labels, [templateHashLabel]: hash };
  return {
    apiVersion: replicaSets.apiVersion,
    kind: replicaSets.kind,
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace!,
      labels,
      annotations: newReplicaSetAnnotations(deployment, undefined, nextRevision(old)),
      ownerReferences: [newControllerRef(deployment, deployments)],
    },
    spec: {
      replicas: newReplicaCount(deployment, 0, old),
      ...(minReadySeconds !== undefined && { minReadySeconds }),
      selector: { ...cloneJson(selector), matchLabels: { ...selector.matchLabels, [templateHashLabel]: hash } },
      template: { ...cloneJson(template), metadata: { ...cloneJson(template.metadata ?? {}), labels } },
    },
  };
}

async function createNewReplicaSet(
  context: DeploymentContext,
  draft: Stored<Deployment>,
  old: readonly Stored<ReplicaSet>[],
): Promise<Stored<ReplicaSet>> {
  const { client, recorder } = context;
  const wanted = buildReplicaSet(draft, old);
  const name = wanted.metadata?.name ?? '';
  try {
    const created = await client.create(replicaSets, wanted);
    const replicas = wanted.spec?.replicas ?? 0;
    if (replicas > 0) {
      recorder.event(draft, 'Normal', 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${replicas}`);
    }
    noteProgress(context, draft, reasons.newReplicaSetCreated, `Created new replica set "${name}"`);
    return created;
  } catch (error) {
    if (isAlreadyExists(error)) return resolveCollision(context, draft, name, error);
    if (!isNamespaceTerminating(error)) await reportCreateError(context, draft, name, error);
    throw error;
  }
}

/** Ours, created a moment ago and not in the cache then; or another template's with the same hash. */
async function resolveCollision(
  { client, log }: DeploymentContext,
  draft: Stored<Deployment>,
  name: string,
  error: unknown,
): Promise<Stored<ReplicaSet>> {
  const existing = await client.get(replicaSets, name, draft.metadata.namespace);
  const ours = getControllerOf(existing)?.uid === draft.metadata.uid;
  if (ours && sameTemplate(existing.spec?.template, draft.spec?.template)) return existing;
  const collisionCount = (draft.status?.collisionCount ?? 0) + 1;
  await client.updateStatus(deployments, { ...draft, status: { ...draft.status, collisionCount } });
  log.info({ deployment: draft.metadata.name, collisionCount }, 'Found a hash collision: bumped collisionCount');
  throw error;
}

/** Written at once: the reconcile that failed writes nothing more. */
async function reportCreateError(
  { client, clock, recorder }: DeploymentContext,
  draft: Stored<Deployment>,
  name: string,
  error: unknown,
): Promise<void> {
  const message = `Failed to create new replica set "${name}": ${messageOf(error)}`;
  recorder.event(draft, 'Warning', reasons.replicaSetCreateError, message);
  if (progressDeadlineMs(draft) === undefined) return;
  const conditions = withCondition(
    draft.status?.conditions,
    { type: 'Progressing', status: 'False', reason: reasons.replicaSetCreateError, message },
    clock.now(),
  );
  if (deepEqual(conditions, draft.status?.conditions)) return;
  await client.updateStatus(deployments, { ...draft, status: { ...draft.status, conditions } });
}

function noteProgress(
  { clock }: DeploymentContext,
  draft: Stored<Deployment>,
  reason: string,
  message: string,
  onlyIfMissing = false,
): void {
  if (progressDeadlineMs(draft) === undefined) return;
  if (onlyIfMissing && conditionOf(draft.status?.conditions, 'Progressing')) return;
  const condition = { type: 'Progressing', status: 'True', reason, message } as const;
  draft.status = { ...draft.status, conditions: withCondition(draft.status?.conditions, condition, clock.now()) };
}

function noteRevision(draft: Stored<Deployment>, replicaSet: ReplicaSet): void {
  const revision = replicaSet.metadata?.annotations?.[revisionAnnotation];
  if (revision === undefined) return;
  draft.metadata = {
    ...draft.metadata,
    annotations: { ...draft.metadata.annotations, [revisionAnnotation]: revision },
  };
}
