/** Creating and deleting pods on behalf of a controller, told in events on it. Upstream: `RealPodControl`. */
import { isDns1123Subdomain } from '../../api/meta/names';
import { newControllerRef } from '../../api/meta/controller-ref';
import { cloneJson } from '../../api/meta/json';
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import { isNotFound, StatusError } from '../../api/meta/status-error';
import type { KubeObject, Stored } from '../../api/meta/types';
import { type Pod, pods, type PodTemplateSpec } from '../../api/core/v1/pod';
import type { EventRecorder } from '../../client/event-recorder';
import type { RestClient } from '../../client/rest-client';

export interface PodControl {
  create(template: PodTemplateSpec, owner: Stored<KubeObject>, definition: ResourceDefinition): Promise<Stored<Pod>>;
  /** Rejects with NotFound, without an event, when the pod is gone already. */
  delete(pod: Stored<Pod>, owner: Stored<KubeObject>): Promise<void>;
}

export function createPodControl({ client, recorder }: { client: RestClient; recorder: EventRecorder }): PodControl {
  return {
    async create(template, owner, definition) {
      try {
        const pod = await client.create(pods, podFromTemplate(template, owner, definition));
        recorder.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
        return pod;
      } catch (error) {
        if (!isNamespaceTerminating(error)) {
          recorder.event(owner, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
        }
        throw error;
      }
    },
    async delete(pod, owner) {
      const { name, namespace, uid } = pod.metadata;
      try {
        await client.delete(pods, name, namespace, { preconditions: { uid } });
      } catch (error) {
        if (!isNotFound(error)) {
          recorder.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
        }
        throw error;
      }
      recorder.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    },
  };
}

/** The pod that a template asks for, named after its controller, which is its owner. */
export function podFromTemplate(
  template: PodTemplateSpec,
  owner: Stored<KubeObject>,
  definition: ResourceDefinition,
): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  const prefix = `${owner.metadata.name}-`;
  return {
    apiVersion: pods.apiVersion,
    kind: pods.kind,
    metadata: {
      namespace: owner.metadata.namespace,
      // The generated suffix ends in an alphanumeric character, so the prefix may end in a dash.
      generateName: isDns1123Subdomain(`${prefix}x`).length === 0 ? prefix : owner.metadata.name,
      ...(labels && { labels: { ...labels } }),
      ...(annotations && { annotations: { ...annotations } }),
      ...(finalizers && { finalizers: [...finalizers] }),
      ownerReferences: [newControllerRef(owner, definition)],
    },
    spec: cloneJson(template.spec),
  };
}

/** The server refused because the namespace is going away: nothing to complain about. */
export const isNamespaceTerminating = (error: unknown): boolean =>
  error instanceof StatusError &&
  (error.status.details?.causes ?? []).some(({ reason }) => reason === 'NamespaceTerminating');

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
