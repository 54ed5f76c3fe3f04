/** Keeps the EndpointSlices of Services with a selector. Upstream: `pkg/controller/endpointslice`. */
import { nodes } from '../../../api/core/v1/node';
import { pods } from '../../../api/core/v1/pod';
import { services } from '../../../api/core/v1/service';
import { type EndpointSlice, endpointSlices } from '../../../api/discovery/v1/endpointslice';
import type { Stored } from '../../../api/meta/types';
import { defineController, enqueueSelf, watch } from '../../../client/controller';
import { eventWriter } from '../../event-writer';
import type { ManagerDeps } from '../../manager-deps';
import { enqueueServicesOfPod } from '../endpoints/endpoint-pods';
import { TriggerTimeTracker } from '../endpoints/trigger-time';
import { managedBy, managedByLabel, serviceNameLabel } from './build-slice';
import { reconcileEndpointSlices } from './reconcile';
import { SliceTracker } from './slice-tracker';

const serviceKeyOf = ({ metadata }: Stored<EndpointSlice>): string | undefined => {
  const name = metadata.labels?.[serviceNameLabel];
  return name !== undefined && metadata.labels?.[managedByLabel] === managedBy
    ? `${metadata.namespace}/${name}`
    : undefined;
};

export const endpointSliceController = defineController<ManagerDeps>({
  name: 'endpointslice-controller',
  workers: 5,
  watches: [
    watch(services, enqueueSelf),
    watch(pods, enqueueServicesOfPod),
    watch(endpointSlices, (slice: Stored<EndpointSlice>, old: Stored<EndpointSlice> | undefined) =>
      [serviceKeyOf(slice), old && serviceKeyOf(old)].filter((key) => key !== undefined),
    ),
  ],
  permissions: [
    { apiGroups: [''], resources: ['services', 'pods', 'nodes'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['services/finalizers'], verbs: ['update'] },
    {
      apiGroups: ['discovery.k8s.io'],
      resources: ['endpointslices'],
      verbs: ['get', 'list', 'watch', 'create', 'update', 'delete'],
    },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices/restricted'], verbs: ['create'] },
    eventWriter,
  ],
  create(deps) {
    const sliceInformer = deps.informers.informer(endpointSlices);
    const tracker = new SliceTracker();
    sliceInformer.addEventHandler({
      delete(slice) {
        const key = serviceKeyOf(slice);
        if (key) tracker.forgetSlice(key, slice.metadata.uid);
      },
    });
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
