/**
 * What a pod asks for in all: containers, init containers, sidecars, pod-level resources and overhead. Upstream:
 * `k8s.io/component-helpers/resource/helpers.go`.
 */
import { Quantity } from '../../../meta/quantity';
import { isRestartableInitContainer } from './conditions';
import type { Container, Pod, PodSpec } from './types';

/** A resource list as it travels: quantities as text. */
export type ResourceList = Record<string, string>;
/** A resource list to calculate with. */
export type Resources = Record<string, Quantity>;

export const parseResources = (list: ResourceList | undefined): Resources =>
  Object.fromEntries(Object.entries(list ?? {}).map(([name, text]) => [name, Quantity.parse(text)]));

export function addResources(total: Resources, more: Resources): Resources {
  const sum = { ...total };
  for (const [name, quantity] of Object.entries(more)) sum[name] = sum[name]?.add(quantity) ?? quantity;
  return sum;
}

/** The larger of both, resource by resource. */
export function maxResources(one: Resources, other: Resources): Resources {
  const max = { ...one };
  for (const [name, quantity] of Object.entries(other)) {
    const current = max[name];
    if (!current || quantity.cmp(current) > 0) max[name] = quantity;
  }
  return max;
}

/** Resources that a pod may state for all of its containers together. */
export const isPodLevelResource = (name: string): boolean =>
  name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

/**
 * The containers' own needs. Init containers run one after another, each beside the sidecars started before it, so the
 * pod needs the larger of its steady state and its most demanding start.
 */
export function aggregateContainerResources(
  spec: PodSpec | undefined,
  kind: 'requests' | 'limits',
  listOf = ({ resources }: Container): ResourceList | undefined => resources?.[kind],
): Resources {
  const of = (container: Container): Resources => parseResources(listOf(container));
  let steady: Resources = {};
  for (const container of spec?.containers ?? []) steady = addResources(steady, of(container));
  let sidecars: Resources = {};
  let starting: Resources = {};
  for (const container of spec?.initContainers ?? []) {
    if (isRestartableInitContainer(container)) {
      steady = addResources(steady, of(container));
      sidecars = addResources(sidecars, of(container));
      starting = maxResources(starting, sidecars);
    } else {
      starting = maxResources(starting, addResources(sidecars, of(container)));
    }
  }
  return maxResources(steady, starting);
}

function withPodLevel(pod: Pod, kind: 'requests' | 'limits', resources: Resources): Resources {
  const stated = parseResources(pod.spec?.resources?.[kind]);
  const supported = Object.entries(stated).filter(([name]) => isPodLevelResource(name));
  return { ...resources, ...Object.fromEntries(supported) };
}

/** What the spec asks for, overhead included. */
export function podRequests(pod: Pod, ofContainers = aggregateContainerResources(pod.spec, 'requests')): Resources {
  const requests = withPodLevel(pod, 'requests', ofContainers);
  return addResources(requests, parseResources(pod.spec?.overhead));
}

/** What the spec limits the pod to. Overhead counts only for resources that have a limit. */
export function podLimits(pod: Pod, ofContainers = aggregateContainerResources(pod.spec, 'limits')): Resources {
  const limits = withPodLevel(pod, 'limits', ofContainers);
  for (const [name, overhead] of Object.entries(parseResources(pod.spec?.overhead))) {
    const limit = limits[name];
    if (limit && !limit.isZero()) limits[name] = limit.add(overhead);
  }
  return limits;
}
