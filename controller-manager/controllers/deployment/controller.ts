/** Rolls Deployments out by growing and shrinking ReplicaSets. Upstream: `pkg/controller/deployment`. */
import { deployments } from '../../../api/apps/v1/deployment';
import { replicaSets } from '../../../api/apps/v1/replicaset';
import { pods } from '../../../api/core/v1/pod';
import { getControllerOf } from '../../../api/meta/controller-ref';
import { type ControllerDeps, defineController, enqueueSelf, watch } from '../../../client/controller';
import { OwnWrites } from '../../../client/own-writes';
import { eventWriter } from '../../event-writer';
import { enqueueOwnerOrSelecting, indexByController } from '../owned-objects';
import { isNamespaceTerminating } from '../pod-control';
import { reconcileDeployment } from './reconcile';

export const deploymentController = defineController<ControllerDeps>({
  name: 'deployment-controller',
  workers: 5,
  watches: [watch(deployments, enqueueSelf), watch(replicaSets, enqueueOwnerOrSelecting(deployments))],
  permissions: [
    { apiGroups: ['apps', 'extensions'], resources: ['deployments'], verbs: ['get', 'list', 'update', 'watch'] },
    { apiGroups: ['apps', 'extensions'], resources: ['deployments/status'], verbs: ['update'] },
    { apiGroups: ['apps', 'extensions'], resources: ['deployments/finalizers'], verbs: ['update'] },
    {
      apiGroups: ['apps', 'extensions'],
      resources: ['replicasets'],
      verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    },
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'update', 'watch'] },
    eventWriter,
  ],
  create(deps) {
    const podInformer = deps.informers.informer(pods);
    const replicaSetInformer = deps.informers.informer(replicaSets);
    const replicaSetLister = indexByController(replicaSetInformer);
    const deploymentLister = deps.informers.informer(deployments).lister;
    // A Deployment that recreates waits for its last old pod to be gone, which no ReplicaSet tells it.
    podInformer.addEventHandler({
      delete(pod) {
        const owner = getControllerOf(pod);
        const replicaSet = owner && replicaSetLister.get(`${pod.metadata.namespace}/${owner.name}`);
        const controller = replicaSet && getControllerOf(replicaSet);
        const key = controller && `${pod.metadata.namespace}/${controller.name}`;
        if (key && deploymentLister.get(key)?.spec?.strategy?.type === 'Recreate') deps.enqueue(key);
      },
    });
    const context = {
      client: deps.client,
      clock: deps.clock,
      log: deps.log,
      recorder: deps.recorder,
      deploymentLister,
      replicaSetLister,
      replicaSetWrites: new OwnWrites(replicaSetInformer),
      podLister: indexByController(podInformer),
    };
    return {
      reconcile: (key) =>
        reconcileDeployment(context, key).catch((error: unknown) => {
          // It goes itself in a moment, and no other try would get further.
          if (!isNamespaceTerminating(error)) throw error;
        }),
    };
  },
});
