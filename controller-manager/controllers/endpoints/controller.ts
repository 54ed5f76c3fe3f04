/** Fills the Endpoints object of every Service with a selector. Upstream: `pkg/controller/endpoint`. */
import { endpoints } from '../../../api/core/v1/endpoints';
import { pods } from '../../../api/core/v1/pod';
import { services } from '../../../api/core/v1/service';
import { type ControllerDeps, defineController, enqueueSelf, watch } from '../../../client/controller';
import { eventWriter } from '../../event-writer';
import { enqueueServicesOfPod } from './endpoint-pods';
import { reconcileEndpoints } from './reconcile';
import { TriggerTimeTracker } from './trigger-time';

export const endpointsController = defineController<ControllerDeps>({
  name: 'endpoints-controller',
  workers: 5,
  // An Endpoints object has its Service's name.
  watches: [watch(services, enqueueSelf), watch(pods, enqueueServicesOfPod), watch(endpoints, enqueueSelf)],
  permissions: [
    { apiGroups: [''], resources: ['services', 'pods'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['endpoints'], verbs: ['get', 'list', 'watch', 'create', 'update', 'delete'] },
    { apiGroups: [''], resources: ['endpoints/restricted'], verbs: ['create'] },
    eventWriter,
  ],
  create(deps) {
    const context = {
      client: deps.client,
      recorder: deps.recorder,
      triggerTimes: new TriggerTimeTracker(),
      serviceLister: deps.informers.informer(services).lister,
      podLister: deps.informers.informer(pods).lister,
      endpointsLister: deps.informers.informer(endpoints).lister,
    };
    return { reconcile: (key) => reconcileEndpoints(context, key) };
  },
});
