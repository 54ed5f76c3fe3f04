/** How running containers come to the resources they were given: upstream's computePodResizeAction. Pure. */
import type { Container, Pod } from '../../api/core/v1/pod';
import { cpuAndMemoryOf } from '../runtime/container-resources';
import type { ContainerResources, ContainerStatus } from '../runtime/runtime';
import { newestInstance, type PodRuntimeStatus } from './pod-runtime-status';
import { isSidecar } from './restart-policy';

export interface ContainerUpdate {
  container: string;
  containerId: string;
  resource: 'memory' | 'cpu';
  resources: Partial<ContainerResources>;
  /** The container must use less than the new memory limit already. */
  decreases: boolean;
}

/** Updates in place, memory before cpu and decreases before increases. */
export function planResizes(pod: Pod, status: PodRuntimeStatus): ContainerUpdate[] {
  const updates = runningOf(pod, status).flatMap(({ container, instance }) =>
    requiresRestart(container, instance) ? [] : updatesOf(container, instance),
  );
  return (['memory', 'cpu'] as const).flatMap((resource) =>
    [true, false].flatMap((decreases) =>
      updates.filter((update) => update.resource === resource && update.decreases === decreases),
    ),
  );
}

/** Every running container has what it was given. */
export const hasResources = (pod: Pod, status: PodRuntimeStatus): boolean =>
  runningOf(pod, status).every(({ container, instance }) => updatesOf(container, instance).length === 0);

export function requiresRestart(container: Container, instance: ContainerStatus): boolean {
  return updatesOf(container, instance).some(({ resource }) => {
    const policy = container.resizePolicy?.find(({ resourceName }) => resourceName === resource);
    return policy?.restartPolicy === 'RestartContainer';
  });
}

function runningOf({ spec }: Pod, status: PodRuntimeStatus): { container: Container; instance: ContainerStatus }[] {
  const sidecars = ((spec?.initContainers ?? []) as Container[]).filter(isSidecar);
  return [...sidecars, ...((spec?.containers ?? []) as Container[])].flatMap((container) => {
    const instance = newestInstance(status, container.name);
    return instance?.state === 'running' ? [{ container, instance }] : [];
  });
}

const unlimited = (limit: number): number => limit || Infinity;

function updatesOf(container: Container, { id, resources: actual }: ContainerStatus): ContainerUpdate[] {
  if (!actual) return [];
  const { cpuShares, cpuQuotaUs, memoryBytes } = cpuAndMemoryOf(container);
  const of = { container: container.name, containerId: id };
  const updates: ContainerUpdate[] = [];
  if (memoryBytes !== actual.memoryBytes) {
    const decreases = unlimited(memoryBytes) < unlimited(actual.memoryBytes);
    updates.push({ ...of, resource: 'memory', resources: { memoryBytes }, decreases });
  }
  if (cpuQuotaUs !== actual.cpuQuotaUs || cpuShares !== actual.cpuShares) {
    const [quota, actualQuota] = [unlimited(cpuQuotaUs), unlimited(actual.cpuQuotaUs)];
    const decreases = quota === actualQuota ? cpuShares < actual.cpuShares : quota < actualQuota;
    updates.push({ ...of, resource: 'cpu', resources: { cpuShares, cpuQuotaUs }, decreases });
  }
  return updates;
}
