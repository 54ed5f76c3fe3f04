/** Conditions of a Deployment. Upstream: `deployment_util.go`, with its reasons verbatim. */
import type { Deployment, DeploymentCondition } from '../../../api/apps/v1/deployment';
import { formatTime } from '../../../component-base/clock';

export type DeploymentConditionType = 'Available' | 'Progressing' | 'ReplicaFailure';

export const reasons = {
  newReplicaSetCreated: 'NewReplicaSetCreated',
  foundNewReplicaSet: 'FoundNewReplicaSet',
  replicaSetUpdated: 'ReplicaSetUpdated',
  newReplicaSetAvailable: 'NewReplicaSetAvailable',
  replicaSetCreateError: 'ReplicaSetCreateError',
  progressDeadlineExceeded: 'ProgressDeadlineExceeded',
  paused: 'DeploymentPaused',
  resumed: 'DeploymentResumed',
  minimumReplicasAvailable: 'MinimumReplicasAvailable',
  minimumReplicasUnavailable: 'MinimumReplicasUnavailable',
} as const;

type Conditions = readonly DeploymentCondition[] | undefined;

export const conditionOf = (conditions: Conditions, type: DeploymentConditionType): DeploymentCondition | undefined =>
  conditions?.find((condition) => condition.type === type);

export const withoutCondition = (conditions: Conditions, type: DeploymentConditionType): DeploymentCondition[] =>
  (conditions ?? []).filter((condition) => condition.type !== type);

/**
 * The conditions with this one in them. The same status for the same reason leaves all as it is; the same status for
 * another reason keeps the transition time. `touch` updates it even so: that is how progress is noted.
 */
export function withCondition(
  conditions: Conditions,
  condition: Pick<DeploymentCondition, 'status' | 'reason' | 'message'> & { type: DeploymentConditionType },
  now: number,
  options: { touch?: boolean } = {},
): DeploymentCondition[] {
  const current = conditionOf(conditions, condition.type);
  const same = current?.status === condition.status && current.reason === condition.reason;
  if (same && !options.touch) return [...(conditions ?? [])];
  const time = formatTime(now);
  const lastTransitionTime = current?.status === condition.status ? current.lastTransitionTime : time;
  return [
    ...withoutCondition(conditions, condition.type),
    { ...condition, lastUpdateTime: time, lastTransitionTime: lastTransitionTime ?? time },
  ];
}

/** 2^31-1 stands for "no deadline". */
export const progressDeadlineMs = ({ spec }: Deployment): number | undefined =>
  spec?.progressDeadlineSeconds === undefined || spec.progressDeadlineSeconds === 2 ** 31 - 1
    ? undefined
    : spec.progressDeadlineSeconds * 1000;

/** Pausing stops the clock of the deadline, resuming starts it anew; a lack of progress already reported stays. */
export function withPausedCondition(deployment: Deployment, now: number): DeploymentCondition[] {
  const conditions = deployment.status?.conditions;
  const current = conditionOf(conditions, 'Progressing');
  const unchanged = [...(conditions ?? [])];
  if (progressDeadlineMs(deployment) === undefined || current?.reason === reasons.progressDeadlineExceeded) {
    return unchanged;
  }
  const paused = deployment.spec?.paused === true;
  if (paused === (current?.reason === reasons.paused)) return unchanged;
  const [reason, message] = paused
    ? [reasons.paused, 'Deployment is paused']
    : [reasons.resumed, 'Deployment is resumed'];
  return withCondition(conditions, { type: 'Progressing', status: 'Unknown', reason, message }, now);
}
