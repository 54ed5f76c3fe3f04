/** What the engine has of one pod, newest first: the input of planning and of the API status. */
import { labels, numberLabel, sandboxContainerName } from '../runtime/labels';
import type { ContainerStatus } from '../runtime/runtime';

export interface PodRuntimeStatus {
  uid: string;
  name: string;
  namespace: string;
  sandboxes: ContainerStatus[];
  containers: ContainerStatus[];
  /** Addresses of the newest sandbox, from its CNI result; empty for pods on the host's network. */
  ips: string[];
}

export const emptyRuntimeStatus = (pod: { uid: string; name: string; namespace: string }): PodRuntimeStatus => ({
  ...pod,
  sandboxes: [],
  containers: [],
  ips: [],
});

export const isSandbox = (container: { labels: Record<string, string> }): boolean =>
  container.labels[labels.containerName] === sandboxContainerName;

/** Newest first: by attempt, then by creation. */
export function newestFirst(a: ContainerStatus, b: ContainerStatus): number {
  const label = isSandbox(a) ? labels.attempt : labels.restartCount;
  return numberLabel(b.labels, label) - numberLabel(a.labels, label) || b.createdAtMs - a.createdAtMs;
}

/** Groups containers of one pod. */
export function podRuntimeStatusOf(
  pod: { uid: string; name: string; namespace: string },
  all: readonly ContainerStatus[],
  ipsOf: (sandboxId: string) => string[],
): PodRuntimeStatus {
  const sandboxes = all.filter(isSandbox).sort(newestFirst);
  const containers = all.filter((container) => !isSandbox(container)).sort(newestFirst);
  const newest = sandboxes[0];
  return { ...pod, sandboxes, containers, ips: newest ? ipsOf(newest.id) : [] };
}

/** The instances of one container, newest first. */
export const instancesOf = (status: PodRuntimeStatus, name: string): ContainerStatus[] =>
  status.containers.filter((container) => container.labels[labels.containerName] === name);

export const newestInstance = (status: PodRuntimeStatus, name: string): ContainerStatus | undefined =>
  status.containers.find((container) => container.labels[labels.containerName] === name);

export const restartCountOf = (container: ContainerStatus): number =>
  numberLabel(container.labels, labels.restartCount);

export const hasRunning = (status: PodRuntimeStatus): boolean =>
  [...status.sandboxes, ...status.containers].some(({ state }) => state === 'running');
