/** Pods of a silent node no longer count as ready, so that Services stop sending to them. Upstream: `MarkPodsNotReady`. */
import { type Pod, pods } from '../../../api/core/v1/pod';
import { getPodCondition } from '../../../api/core/v1/pod/conditions';
import { isConflict, isNotFound } from '../../../api/meta/status-error';
import type { Stored } from '../../../api/meta/types';
import type { EventRecorder } from '../../../client/event-recorder';
import type { RestClient } from '../../../client/rest-client';
import { type Clock, formatTime } from '../../../component-base/clock';

/** Tries every pod; true when all are marked. */
export async function markPodsNotReady(
  { client, clock, recorder }: { client: RestClient; clock: Clock; recorder: EventRecorder },
  onNode: readonly Stored<Pod>[],
): Promise<boolean> {
  const ready = onNode.filter(({ status }) => getPodCondition(status, 'Ready')?.status === 'True');
  const outcomes = await Promise.allSettled(
    ready.map(async (pod) => {
      const { name, namespace, uid } = pod.metadata;
      const condition = { type: 'Ready', status: 'False', lastTransitionTime: formatTime(clock.now()) };
      const patch = { metadata: { uid }, status: { conditions: [condition] } };
      try {
        await client.patch(pods, name, namespace, patch, { type: 'strategic', subresource: 'status' });
        recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
    }),
  );
  return outcomes.every(({ status }) => status === 'fulfilled');
}
