/**
 * What a pod takes while it is being resized: the largest of what its spec asks for, what its node has set aside and what
 * its containers still have. Upstream: `PodRequests` with UseStatusResources in `k8s.io/component-helpers/resource`.
 */
import { deepEqual } from '../../../meta/json';
import {
  aggregateContainerResources,
  maxResources,
  podLimits,
  podRequests,
  type ResourceList,
  type Resources,
} from './resources';
import type { Container, ContainerStatus, Pod } from './types';

type ListOf = (container: Container, status: ContainerStatus | undefined) => ResourceList | undefined;

const allocatedRequests: ListOf = (_container, status) => status?.allocatedResources;
const actualRequests: ListOf = (_container, status) => status?.resources?.requests ?? status?.allocatedResources;
const actualLimits: ListOf = (_container, status) => status?.resources?.limits;

/** The node can never give the pod what its spec asks for: it keeps what it has. */
export const isResizeInfeasible = ({ status }: Pod): boolean =>
  status?.conditions?.find(({ type }) => type === 'PodResizePending')?.reason === 'Infeasible';

/** The node reports other resources for a container than its spec asks for. */
export function isBeingResized(pod: Pod): boolean {
  const statusOf = statusesOf(pod);
  const differs = (reported: unknown, wanted: unknown): boolean =>
    reported !== undefined && !deepEqual(reported, wanted);
  return [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].some((container) => {
    const status = statusOf(container.name);
    const { requests, limits } = container.resources ?? {};
    return (
      differs(status?.allocatedResources, requests) ||
      differs(status?.resources?.requests, requests) ||
      differs(status?.resources?.limits, limits)
    );
  });
}

export function effectivePodRequests(pod: Pod): Resources {
  if (!isBeingResized(pod)) return podRequests(pod);
  return podRequests(pod, largest(pod, 'requests', [allocatedRequests, actualRequests]));
}

export function effectivePodLimits(pod: Pod): Resources {
  if (!isBeingResized(pod)) return podLimits(pod);
  return podLimits(pod, largest(pod, 'limits', [actualLimits]));
}

/** What a status does not say is what the spec says, unless that is out of reach. */
function largest(pod: Pod, kind: 'requests' | 'limits', reports: ListOf[]): Resources {
  const infeasible = isResizeInfeasible(pod);
  const statusOf = statusesOf(pod);
  const sum = (listOf: ListOf): Resources =>
    aggregateContainerResources(
      pod.spec,
      kind,
      (container) =>
        listOf(container, statusOf(container.name)) ?? (infeasible ? undefined : container.resources?.[kind]),
    );
  const reported = reports.map(sum).reduce(maxResources);
  return infeasible ? reported : maxResources(reported, aggregateContainerResources(pod.spec, kind));
}

function statusesOf({ status }: Pod): (name: string) => ContainerStatus | undefined {
  const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  return (name) => all.find((one) => one.name === name);
}
