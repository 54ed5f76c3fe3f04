/** What controllers that keep EndpointSlices for Services do with those that are their own. */
import { type EndpointSlice, endpointSlices } from '../../../api/discovery/v1/endpointslice';
import type { Stored } from '../../../api/meta/types';
import { watch } from '../../../client/controller';
import type { Informer } from '../../../client/informer';
import { managedByLabel, serviceNameLabel } from './build-slice';
import { SliceTracker } from './slice-tracker';

/** RBAC for what follows. */
export const sliceWriter = {
  apiGroups: ['discovery.k8s.io'],
  resources: ['endpointslices'],
  verbs: ['get', 'list', 'watch', 'create', 'update', 'delete'],
};

/** The Service's key, if `manager` keeps the slice. */
const serviceKeyOf = ({ metadata }: Stored<EndpointSlice>, manager: string): string | undefined => {
  const name = metadata.labels?.[serviceNameLabel];
  return name && metadata.labels?.[managedByLabel] === manager ? `${metadata.namespace}/${name}` : undefined;
};

/** Wakes the Service of a slice that changed, also the one that it belonged to before. */
export const watchOwnSlices = (manager: string) =>
  watch(endpointSlices, (slice: Stored<EndpointSlice>, old: Stored<EndpointSlice> | undefined) =>
    [serviceKeyOf(slice, manager), old && serviceKeyOf(old, manager)].filter((key) => key !== undefined),
  );

/** A tracker that hears of slices that go. */
export function trackOwnSlices(manager: string, informer: Informer<EndpointSlice>): SliceTracker {
  const tracker = new SliceTracker();
  informer.addEventHandler({
    delete(slice) {
      const key = serviceKeyOf(slice, manager);
      if (key) tracker.forgetSlice(key, slice.metadata.uid);
    },
  });
  return tracker;
}
