/** Deleting a pod for the cluster's reasons, with the condition that says so. Upstream: `AddConditionAndDeletePod`. */
import { type Pod, pods } from '../../api/core/v1/pod';
import { getPodCondition } from '../../api/core/v1/pod/conditions';
import { isConflict, isNotFound } from '../../api/meta/status-error';
import type { Stored } from '../../api/meta/types';
import type { RestClient } from '../../client/rest-client';
import { type Clock, formatTime } from '../../component-base/clock';

export interface Disruption {
  reason: string;
  message: string;
  /** Also says that the pod has failed: its node will not do so any more. */
  failed?: boolean;
  gracePeriodSeconds?: number;
}

/** Marks and deletes the pod with this UID; a pod that is gone already is fine. */
export async function disruptPod(
  { client, clock }: { client: RestClient; clock: Clock },
  pod: Stored<Pod>,
  { reason, message, failed, gracePeriodSeconds }: Disruption,
): Promise<void> {
  const { name, namespace, uid } = pod.metadata;
  const time = formatTime(clock.now());
  const current = getPodCondition(pod.status, 'DisruptionTarget');
  const lastTransitionTime = current?.status === 'True' ? (current.lastTransitionTime ?? time) : time;
  const condition = { type: 'DisruptionTarget', status: 'True', reason, message, lastTransitionTime };
  const patch = { metadata: { uid }, status: { conditions: [condition], ...(failed && { phase: 'Failed' }) } };
  try {
    await client.patch(pods, name, namespace, patch, { type: 'strategic', subresource: 'status' });
    await client.delete(pods, name, namespace, {
      preconditions: { uid },
      ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    });
  } catch (error) {
    // A conflict of UIDs: another pod has its name now.
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
