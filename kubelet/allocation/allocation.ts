/**
 * What a pod has been given of its node: its spec until somebody resizes it, then what the kubelet last agreed to. Pure.
 * Nothing is written to disk: the status in the API tells a restarted kubelet what it had agreed to.
 */
import { type Container, containersOf, type Pod, type ResourceRequirements } from '../../api/core/v1/pod';
import { deepEqual } from '../../api/meta/json';
import { Quantity } from '../../api/meta/quantity';

/** Resources by container. */
export type Allocation = ReadonlyMap<string, ResourceRequirements>;

export const allocationOf = (pod: Pod): Allocation =>
  new Map(containersOf(pod).map(({ name, resources }) => [name, resources ?? {}]));

/** The pod as if its spec asked for what it was given. */
export function withAllocation(pod: Pod, allocation: Allocation): Pod {
  const { spec } = pod;
  if (!spec) return pod;
  const given = <C extends Container>(container: C): C => ({
    ...container,
    resources: allocation.get(container.name) ?? container.resources,
  });
  return {
    ...pod,
    spec: {
      ...spec,
      containers: spec.containers.map(given),
      ...(spec.initContainers && { initContainers: spec.initContainers.map(given) }),
    },
  };
}

export const isAllocated = (pod: Pod, allocation: Allocation): boolean =>
  containersOf(pod).every(({ name, resources }) => sameResources(resources, allocation.get(name) ?? resources));

/**
 * What an earlier kubelet had given the pod. A resize that it was carrying out was of the generation that it reported; if the
 * spec has changed again since then, what the containers have counts, and the rest is asked for anew.
 */
export function recoverAllocation(pod: Pod): Allocation {
  const progress = pod.status?.conditions?.find(({ type }) => type === 'PodResizeInProgress');
  if (progress && progress.observedGeneration === pod.metadata?.generation) return allocationOf(pod);
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  return new Map(
    containersOf(pod).map(({ name, resources }) => [
      name,
      statuses.find((status) => status.name === name)?.resources ?? resources ?? {},
    ]),
  );
}

function sameResources(one: ResourceRequirements | undefined, other: ResourceRequirements | undefined): boolean {
  return (['requests', 'limits'] as const).every((kind) => {
    const [a, b] = [one?.[kind] ?? {}, other?.[kind] ?? {}];
    if (deepEqual(a, b)) return true;
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...names].every((name) => Quantity.tryParse(a[name])?.cmp(Quantity.tryParse(b[name]) ?? never) === 0);
  });
}

/** No resource is asked for in negative amounts. */
const never = Quantity.parse('-1');
