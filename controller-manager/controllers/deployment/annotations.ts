/** What a Deployment notes on its ReplicaSets: revisions and sizes. Upstream: `SetNewReplicaSetAnnotations`. */
import type { Deployment } from '../../../api/apps/v1/deployment';
import type { ReplicaSet } from '../../../api/apps/v1/replicaset';
import { resolveFenceposts } from './fenceposts';

export const revisionAnnotation = 'deployment.kubernetes.io/revision';
export const revisionHistoryAnnotation = 'deployment.kubernetes.io/revision-history';
export const desiredReplicasAnnotation = 'deployment.kubernetes.io/desired-replicas';
export const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas';

const notCopied: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  'deprecated.deployment.rollback.to',
]);

const maxHistoryLength = 2000;

type Annotations = Record<string, string>;

/** An annotation that holds an integer; undefined when it is missing or none. */
export function integerAnnotation(replicaSet: ReplicaSet, name: string): number | undefined {
  const text = replicaSet.metadata?.annotations?.[name];
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

/** Undefined for what somebody wrote and is no number. Revisions are 64 bits wide, and people's own may use them all. */
const parseRevision = (text: string): bigint | undefined => (/^-?\d+$/.test(text) ? BigInt(text) : undefined);

export const revisionOf = ({ metadata }: ReplicaSet): bigint =>
  parseRevision(metadata?.annotations?.[revisionAnnotation] ?? '') ?? 0n;

export const nextRevision = (replicaSets: readonly ReplicaSet[]): bigint =>
  replicaSets.map(revisionOf).reduce((highest, revision) => (revision > highest ? revision : highest), 0n) + 1n;

/** The desired and the highest number of pods at the time of the last scaling, from which proportions are computed. */
export function sizeAnnotations(deployment: Deployment): Annotations {
  const desired = deployment.spec?.replicas ?? 1;
  return {
    [desiredReplicasAnnotation]: String(desired),
    [maxReplicasAnnotation]: String(desired + resolveFenceposts(deployment).maxSurge),
  };
}

/** Annotations of the new ReplicaSet at the time it is created (without `existing`) or becomes the new one again. */
export function newReplicaSetAnnotations(
  deployment: Deployment,
  existing: ReplicaSet | undefined,
  newRevision: bigint,
): Annotations {
  const annotations: Annotations = { ...existing?.metadata?.annotations };
  for (const [name, value] of Object.entries(deployment.metadata?.annotations ?? {})) {
    if (!notCopied.has(name)) annotations[name] = value;
  }
  const oldText = annotations[revisionAnnotation];
  const oldRevision = parseRevision(oldText ?? '0');
  if (oldRevision === undefined) return annotations;
  if (oldRevision < newRevision) {
    annotations[revisionAnnotation] = String(newRevision);
    // Rolling back to it: its earlier numbers stay on record.
    if (oldText !== undefined) {
      const history = appendHistory(annotations[revisionHistoryAnnotation], oldText);
      if (history !== undefined) annotations[revisionHistoryAnnotation] = history;
    }
  }
  return existing ? annotations : { ...annotations, ...sizeAnnotations(deployment) };
}

/** Drops the oldest entries when the annotation would grow too long. */
function appendHistory(history: string | undefined, revision: string): string | undefined {
  const entries = history ? history.split(',') : [];
  while (entries.length && [...entries, revision].join(',').length > maxHistoryLength) entries.shift();
  const text = [...entries, revision].join(',');
  return text.length <= maxHistoryLength ? text : undefined;
}
