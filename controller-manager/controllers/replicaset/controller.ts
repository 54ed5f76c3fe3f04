/** Keeps the number of pods a ReplicaSet asks for. Upstream: `pkg/controller/replicaset/replica_set.go`. */
import { replicaSets } from '../../../api/apps/v1/replicaset';
import { type Pod, pods } from '../../../api/core/v1/pod';
import { getControllerOf } from '../../../api/meta/controller-ref';
import { keyOf, type Stored } from '../../../api/meta/types';
import { type ControllerDeps, defineController, enqueueSelf, watch } from '../../../client/controller';
import { createExpectations } from '../../../client/expectations';
import { eventWriter } from '../../event-writer';
import { enqueueOwnerOrSelecting, indexByController } from '../owned-objects';
import { createPodControl } from '../pod-control';
import { reconcileReplicaSet } from './reconcile';

export const replicaSetController = defineController<ControllerDeps>({
  name: 'replicaset-controller',
  workers: 5,
  watches: [watch(replicaSets, enqueueSelf), watch(pods, enqueueOwnerOrSelecting(replicaSets))],
  permissions: [
    { apiGroups: ['apps', 'extensions'], resources: ['replicasets'], verbs: ['get', 'list', 'update', 'watch'] },
    { apiGroups: ['apps', 'extensions'], resources: ['replicasets/status'], verbs: ['update'] },
    { apiGroups: ['apps', 'extensions'], resources: ['replicasets/finalizers'], verbs: ['update'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['create', 'delete', 'list', 'patch', 'watch'] },
    eventWriter,
  ],
  create(deps) {
    const podInformer = deps.informers.informer(pods);
    const replicaSetInformer = deps.informers.informer(replicaSets);
    const expectations = createExpectations(deps.clock);
    // By UID: pods of an earlier ReplicaSet of the name, or of another group's, are none that were asked for.
    const ownerKey = (pod: Stored<Pod>): string | undefined => {
      const ref = getControllerOf(pod);
      const key = `${pod.metadata.namespace}/${ref?.name}`;
      return ref && replicaSetInformer.lister.get(key)?.metadata.uid === ref.uid ? key : undefined;
    };
    const sawDeletion = (pod: Stored<Pod>): void => {
      const key = ownerKey(pod);
      if (key) expectations.deletionObserved(key, keyOf(pod));
    };
    podInformer.addEventHandler({
      add(pod) {
        const key = ownerKey(pod);
        // After a restart a pod may first be seen when it is going already.
        if (pod.metadata.deletionTimestamp) sawDeletion(pod);
        else if (key) expectations.creationObserved(key);
      },
      // Deletion is graceful: a pod counts as deleted once it has a deletion timestamp.
      update: (pod) => {
        if (pod.metadata.deletionTimestamp) sawDeletion(pod);
      },
      delete: sawDeletion,
    });
    replicaSetInformer.addEventHandler({ delete: (replicaSet) => expectations.delete(keyOf(replicaSet)) });
    const context = {
      client: deps.client,
      clock: deps.clock,
      expectations,
      podControl: createPodControl(deps),
      podLister: indexByController(podInformer),
      replicaSetLister: indexByController(replicaSetInformer),
    };
    return { reconcile: (key) => reconcileReplicaSet(context, key) };
  },
});
