/** Which changes of nodes and running pods matter to scheduling: the others wake nobody. */
import type { Node } from '../api/core/v1/node';
import { isBeingResized, type Pod } from '../api/core/v1/pod';
import { deepEqual } from '../api/meta/json';
import { keyOf, type Stored } from '../api/meta/types';
import type { ClusterEvent } from './framework';
import type { PodInfo } from './node-info';

/** Heartbeats change a node every few seconds; what a pod could fit on changes seldom. */
export function nodeEvent(node: Stored<Node>, old: Stored<Node> | undefined): ClusterEvent | undefined {
  if (!old) return { type: 'nodeAdded', node };
  const same =
    deepEqual(old.status?.allocatable, node.status?.allocatable) &&
    deepEqual(old.metadata.labels, node.metadata.labels) &&
    deepEqual(old.spec?.taints, node.spec?.taints) &&
    Boolean(old.spec?.unschedulable) === Boolean(node.spec?.unschedulable);
  return same ? undefined : { type: 'nodeUpdated', node, old };
}

/** A running pod's labels (affinity, spreading) and requests count; its status only while it is being resized. */
export function podUpdateEvent(pod: Stored<Pod>, old: Stored<Pod>): ClusterEvent | undefined {
  const requests = ({ spec }: Pod) => [spec?.containers.map(({ resources }) => resources), spec?.resources];
  const same =
    deepEqual(old.metadata.labels, pod.metadata.labels) &&
    deepEqual(requests(old), requests(pod)) &&
    !isBeingResized(old);
  return same ? undefined : { type: 'podUpdated', pod, old };
}

/** Whether after it the pod's claims may be bound, or their volumes within reach of a node. */
export function concernsVolumes(event: ClusterEvent, pod: PodInfo): boolean {
  switch (event.type) {
    case 'claimChanged':
      return pod.claims.includes(keyOf(event.claim));
    case 'nodeUpdated':
      return !deepEqual(event.node.metadata.labels, event.old.metadata.labels);
    case 'nodeAdded':
    case 'volumeChanged':
      return true;
    default:
      return false;
  }
}
