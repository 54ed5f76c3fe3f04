/** Keeps the EndpointSlices of Services with a selector. Upstream: `pkg/controller/endpointslice`. */
import { nodes } from '../../../api/core/v1/node';
import { pods } from '../../../api/core/v1/pod';
import { services } from '../../../api/core/v1/service';
import { endpointSlices } from '../../../api/discovery/v1/endpointslice';
import { defineController, enqueueSelf, watch } from '../../../client/controller';
import { eventWriter } from '../../event-writer';
import type { ManagerDeps } from '../../manager-deps';
import { enqueueServicesOfPod } from '../endpoints/endpoint-pods';
import { TriggerTimeTracker } from '../endpoints/trigger-time';
import { managedBy } from './build-slice';
import { sliceWriter, trackOwnSlices, watchOwnSlices } from './own-slices';
import { reconcileEndpointSlices } from './reconcile';

export const endpointSliceController = defineController<ManagerDeps>({
  name: 'endpointslice-controller',
  workers: 5,
  watches: [watch(services, enqueueSelf), watch(pods, enqueueServicesOfPod), watchOwnSlices(managedBy)],
  permissions: [
    { apiGroups: [''], resources: ['services', 'pods', 'nodes'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['services/finalizers'], verbs: ['update'] },
    sliceWriter,
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices/restricted'], verbs: ['create'] },
    eventWriter,
  ],
  create(deps) {
    const sliceInformer = deps.informers.informer(endpointSlices);
    const tracker = trackOwnSlices(managedBy, sliceInformer);
    const context = {
      client: deps.client,
      recorder: deps.recorder,
      triggerTimes: new TriggerTimeTracker(),
      tracker,
      maxEndpointsPerSlice: deps.config.maxEndpointsPerSlice,
      serviceLister: deps.informers.informer(services).lister,
      podLister: deps.informers.informer(pods).lister,
      nodeLister: deps.informers.informer(nodes).lister,
      sliceLister: sliceInformer.lister,
    };
    return { reconcile: (key) => reconcileEndpointSlices(context, key) };
  },
});
