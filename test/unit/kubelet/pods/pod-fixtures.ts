/** Pods and engine containers for tests of planning and status. */
import type { Container, Pod } from '../../../../api/core/v1/pod';
import {
  emptyRuntimeStatus,
  type PodRuntimeStatus,
  podRuntimeStatusOf,
} from '../../../../kubelet/pods/pod-runtime-status';
import { hashContainer, labels } from '../../../../kubelet/runtime/labels';
import type { ContainerStatus } from '../../../../kubelet/runtime/runtime';

export const identity = { uid: 'u1', name: 'web', namespace: 'default' };

export const container = (name: string, more: Partial<Container> = {}): Container => ({
  name,
  image: `${name}:1`,
  ...more,
});

export const podOf = (spec: Partial<NonNullable<Pod['spec']>>, more: Partial<Pod> = {}): Pod => ({
  metadata: { name: 'web', namespace: 'default', uid: 'u1' },
  spec: { containers: [container('app')], restartPolicy: 'Always', ...spec },
  status: { phase: 'Pending' },
  ...more,
});

export const sandbox = (more: Partial<ContainerStatus> = {}, attempt = 0): ContainerStatus => ({
  id: `sb${attempt}`,
  name: 'sandbox',
  state: 'running',
  labels: { [labels.containerName]: 'POD', [labels.attempt]: String(attempt) },
  imageId: 'pause',
  image: 'pause',
  createdAtMs: attempt,
  oomKilled: false,
  tty: false,
  networkMode: 'none',
  ...more,
});

export const instance = (
  name: string,
  more: Partial<ContainerStatus> = {},
  { restartCount = 0, sandboxId = 'sb0' } = {},
): ContainerStatus => ({
  ...sandbox(),
  id: `${name}${restartCount}`,
  name,
  image: `${name}:1`,
  imageId: 'sha256:1',
  startedAtMs: 1000,
  createdAtMs: restartCount,
  labels: {
    [labels.containerName]: name,
    [labels.restartCount]: String(restartCount),
    [labels.sandboxId]: sandboxId,
    [labels.hash]: hashContainer(container(name)),
  },
  ...more,
});

export const exited = (exitCode: number, finishedAtMs = 2000): Partial<ContainerStatus> => ({
  state: 'exited',
  exitCode,
  finishedAtMs,
});

export const runtimeOf = (...all: ContainerStatus[]): PodRuntimeStatus =>
  all.length ? podRuntimeStatusOf(identity, all, () => ['10.0.0.2']) : emptyRuntimeStatus(identity);
