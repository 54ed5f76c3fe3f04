/** The resources that a container has, as its status tells them: upstream's convertContainerStatusResources. Pure. */
import type { Container, ResourceRequirements } from '../../api/core/v1/pod';
import { Quantity } from '../../api/meta/quantity';
import { cpuAndMemoryOf, milliOfQuota, milliOfShares } from '../runtime/container-resources';
import type { ContainerStatus } from '../runtime/runtime';

/**
 * What it was given, but for what it does not have yet. The engine knows nothing of requests of memory: the one told last
 * stands until the limit follows.
 */
export function actualResources(
  container: Container,
  { state, resources: actual }: ContainerStatus,
  old: ResourceRequirements | undefined,
): ResourceRequirements {
  const given = container.resources ?? {};
  if (!actual || state !== 'running') return given;
  const wanted = cpuAndMemoryOf(container);
  const requests = { ...given.requests };
  const limits = { ...given.limits };
  const set = (list: Record<string, string>, name: string, amount: number, suffix: string): void => {
    if (amount > 0) list[name] = Quantity.parse(`${amount}${suffix}`).toString();
    else delete list[name];
  };
  if (actual.cpuShares !== wanted.cpuShares && requests['cpu'] !== undefined) {
    set(requests, 'cpu', milliOfShares(actual.cpuShares), 'm');
  }
  if (actual.cpuQuotaUs !== wanted.cpuQuotaUs) set(limits, 'cpu', milliOfQuota(actual.cpuQuotaUs), 'm');
  if (actual.memoryBytes !== wanted.memoryBytes) {
    const told = old?.limits?.['memory'];
    if (told !== undefined && Quantity.parse(told).value() === actual.memoryBytes) limits['memory'] = told;
    else set(limits, 'memory', actual.memoryBytes, '');
    const request = old?.requests?.['memory'];
    if (request !== undefined && requests['memory'] !== undefined) requests['memory'] = request;
  }
  return {
    ...given,
    ...(Object.keys(limits).length > 0 ? { limits } : given.limits && { limits: {} }),
    ...(Object.keys(requests).length > 0 ? { requests } : given.requests && { requests: {} }),
  };
}
