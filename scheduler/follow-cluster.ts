/** Keeps the cache and the queue in step with the informers. Upstream: `eventhandlers.go`. */
import { type Node, nodes } from '../api/core/v1/node';
import { persistentVolumes } from '../api/core/v1/persistentvolume';
import { persistentVolumeClaims } from '../api/core/v1/persistentvolumeclaim';
import type { Pod } from '../api/core/v1/pod';
import type { Stored } from '../api/meta/types';
import { storageClasses } from '../api/storage/v1/storageclass';
import type { Informer, InformerFactory } from '../client/informer';
import type { SchedulerCache } from './cache';
import { nodeEvent, podUpdateEvent } from './cluster-events';
import { newPodInfo } from './node-info';
import type { SchedulingQueue } from './queue';

/** Pods that name no scheduler are this one's. */
export const defaultSchedulerName = 'default-scheduler';

export function followNodes(informers: InformerFactory, cache: SchedulerCache, queue: SchedulingQueue): void {
  const onNode = (node: Stored<Node>, old?: Stored<Node>): void => {
    cache.setNode(node);
    const event = nodeEvent(node, old);
    if (event) queue.handleEvent(event);
  };
  informers.informer(nodes).addEventHandler({
    add: (node) => onNode(node),
    update: onNode,
    delete(node) {
      cache.removeNode(node.metadata.name);
      queue.handleEvent({ type: 'nodeDeleted', node });
    },
  });
}

/** Pods without a node wait in the queue, those with one fill the cache. */
export function followPods(informer: Informer<Pod>, cache: SchedulerCache, queue: SchedulingQueue): void {
  const isOurs = ({ spec }: Pod): boolean => (spec?.schedulerName ?? defaultSchedulerName) === defaultSchedulerName;
  informer.addEventHandler({
    add(pod) {
      if (pod.spec?.nodeName) {
        cache.setPod(pod);
        queue.handleEvent({ type: 'podAdded', pod });
      } else if (isOurs(pod)) {
        // Room that was being made before a restart stays this pod's.
        if (pod.status?.nominatedNodeName) cache.nominate(newPodInfo(pod), pod.status.nominatedNodeName);
        queue.add(pod);
      }
    },
    update(pod, old) {
      if (!pod.spec?.nodeName) {
        if (!isOurs(pod) || cache.isAssumed(pod.metadata.uid)) return;
        if (cache.updatePending(pod, old)) queue.handleEvent({ type: 'podDeleted', pod });
        queue.update(pod);
        return;
      }
      if (cache.setPod(pod)) queue.handleEvent({ type: 'podDeleted', pod });
      const event = old.spec?.nodeName ? podUpdateEvent(pod, old) : ({ type: 'podAdded', pod } as const);
      if (!old.spec?.nodeName) queue.delete(pod.metadata.uid);
      if (event) queue.handleEvent(event);
    },
    delete(pod) {
      queue.delete(pod.metadata.uid);
      if (cache.removePod(pod.metadata.uid)) queue.handleEvent({ type: 'podDeleted', pod });
    },
  });
}

export function followStorage(informers: InformerFactory, queue: SchedulingQueue): void {
  informers.informer(persistentVolumeClaims).addEventHandler({
    add: (claim) => queue.handleEvent({ type: 'claimChanged', claim }),
    update: (claim) => queue.handleEvent({ type: 'claimChanged', claim }),
  });
  informers.informer(persistentVolumes).addEventHandler({
    add: (volume) => queue.handleEvent({ type: 'volumeChanged', volume }),
    update: (volume) => queue.handleEvent({ type: 'volumeChanged', volume }),
  });
  informers.informer(storageClasses).addEventHandler({
    add: (storageClass) => queue.handleEvent({ type: 'storageClassAdded', storageClass }),
  });
}
