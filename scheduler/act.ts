/** Carries out decisions through the API: binds pods, evicts those that must go. */
import { type Pod, type PodCondition, pods } from '../api/core/v1/pod';
import { isNotFound } from '../api/meta/status-error';
import { keyOf, type Stored } from '../api/meta/types';
import { type Clock, formatTime } from '../component-base/clock';
import type { Logger } from '../component-base/logger';
import type { EventRecorder } from '../client/event-recorder';
import type { RestClient } from '../client/rest-client';
import type { PodInfo } from './node-info';
import { disruptionTarget, preemptionReason, type PreemptionPlan } from './preemption';

export interface ActDeps {
  client: RestClient;
  recorder: EventRecorder;
  clock: Clock;
  log: Logger;
}

export const asPod = (pod: Stored<Pod>): Stored<Pod> => ({ ...pod, apiVersion: pods.apiVersion, kind: pods.kind });

/** Rejects when the API server refused or could not be reached. */
export async function bindPod({ client, recorder }: ActDeps, pod: Stored<Pod>, nodeName: string): Promise<void> {
  const { name, namespace, uid } = pod.metadata;
  await client.createSubresource(pods, name, namespace, 'binding', {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, ...(namespace && { namespace }), uid },
    target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
  });
  recorder.event(asPod(pod), 'Normal', 'Scheduled', `Successfully assigned ${keyOf(pod)} to ${nodeName}`);
}

/** A more important pod takes the room that was kept for this one: it must look elsewhere. Never rejects. */
export async function withdrawNomination({ client, log }: ActDeps, pod: Stored<Pod>): Promise<void> {
  await patchStatus(client, pod, { nominatedNodeName: null }).catch((error: unknown) => {
    if (!isNotFound(error)) log.debug({ err: error, pod: keyOf(pod) }, 'Could not withdraw the nomination');
  });
}

export function patchStatus(client: RestClient, pod: Stored<Pod>, status: object): Promise<Stored<Pod>> {
  const { name, namespace, uid } = pod.metadata;
  const patch = { metadata: { uid }, status };
  return client.patch(pods, name, namespace, patch, { type: 'strategic', subresource: 'status' });
}

/** Deletes the victims; what is gone already is fine. Rejects when one could not be deleted. */
export async function evictVictims(deps: ActDeps, preemptor: PodInfo, plan: PreemptionPlan): Promise<void> {
  const { client, recorder, clock } = deps;
  await Promise.all(
    plan.victims.map(async ({ pod: victim }) => {
      if (victim.metadata.deletionTimestamp) return;
      const condition: PodCondition = {
        type: disruptionTarget,
        status: 'True',
        reason: preemptionReason,
        message: 'default-scheduler: preempting to accommodate a higher priority pod',
        lastTransitionTime: formatTime(clock.now()),
      };
      try {
        await patchStatus(client, victim, { conditions: [condition] });
        const { name, namespace, uid } = victim.metadata;
        await client.delete(pods, name, namespace, { preconditions: { uid } });
      } catch (error) {
        if (isNotFound(error)) return;
        throw error;
      }
      const message = `Preempted by pod ${preemptor.pod.metadata.uid} on node ${plan.nodeName}`;
      recorder.event(asPod(victim), 'Normal', 'Preempted', message);
    }),
  );
}
