/**
 * Names and labels of containers, in the scheme of upstream's dockershim, so that `docker ps` reads as people expect. The name
 * is the creation lock; the labels carry what must outlive the API object.
 */
import { createHash } from 'node:crypto';
import type { Container } from '../../api/core/v1/pod';

export const labels = {
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  podUid: 'io.kubernetes.pod.uid',
  containerName: 'io.kubernetes.container.name',
  type: 'io.kubernetes.docker.type',
  sandboxId: 'io.kubernetes.sandbox.id',
  hash: 'annotation.io.kubernetes.container.hash',
  restartCount: 'annotation.io.kubernetes.container.restartCount',
  terminationMessagePath: 'annotation.io.kubernetes.container.terminationMessagePath',
  terminationMessagePolicy: 'annotation.io.kubernetes.container.terminationMessagePolicy',
  preStopHandler: 'annotation.io.kubernetes.container.preStopHandler',
  podTerminationGracePeriod: 'annotation.io.kubernetes.pod.terminationGracePeriod',
  /** The attempt of a sandbox, as its name carries it. */
  attempt: 'kubelab.io/attempt',
  /** `true` on sandboxes whose pod shares the host's network, else `false` or none. */
  hostNetwork: 'kubelab.io/host-network',
  cluster: 'kubelab.io/cluster',
  node: 'kubelab.io/node',
} as const;

/** The container name under which dockershim files the sandbox. */
export const sandboxContainerName = 'POD';

export interface PodIdentity {
  name: string;
  namespace: string;
  uid: string;
}

/** `k8s_web_pod_default_<uid>_0`. A static pod's uid may hold no underscore, nor can the other parts. */
export function containerNameOf(pod: PodIdentity, container: string, attempt: number): string {
  return ['k8s', container, pod.name, pod.namespace, pod.uid, String(attempt)].join('_');
}

/** Sandboxes carry `attempt` in their name; a recreated one gets the next. */
export const sandboxNameOf = (pod: PodIdentity, attempt: number): string =>
  containerNameOf(pod, sandboxContainerName, attempt);

export const podLabels = (pod: PodIdentity): Record<string, string> => ({
  [labels.podName]: pod.name,
  [labels.podNamespace]: pod.namespace,
  [labels.podUid]: pod.uid,
});

/** Changes when the part of the spec changes that needs a new container (upstream hashes name and image since 1.31). */
export function hashContainer(container: Pick<Container, 'name' | 'image'>): string {
  return createHash('sha1')
    .update(JSON.stringify([container.name, container.image]))
    .digest('hex')
    .slice(0, 8);
}

export const numberLabel = (all: Record<string, string>, label: string): number => Number(all[label] ?? 0) || 0;
