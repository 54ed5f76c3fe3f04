/** EndpointSlice. */
import type {
  DiscoveryV1EndpointPort,
  V1Endpoint,
  V1EndpointConditions,
  V1EndpointSlice,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface EndpointSlice extends Wire<V1EndpointSlice> {}
export interface Endpoint extends Wire<V1Endpoint> {}
export interface EndpointConditions extends Wire<V1EndpointConditions> {}
export interface EndpointSlicePort extends Wire<DiscoveryV1EndpointPort> {}

export const endpointSlices = defineResource<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  names: { plural: 'endpointslices', singular: 'endpointslice' },
  scope: 'Namespaced',
});
