/** Endpoints. */
import type {
  V1EndpointAddress,
  CoreV1EndpointPort,
  V1EndpointSubset,
  V1Endpoints,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface Endpoints extends Wire<V1Endpoints> {}
export interface EndpointSubset extends Wire<V1EndpointSubset> {}
export interface EndpointAddress extends Wire<V1EndpointAddress> {}
export interface EndpointPort extends Wire<CoreV1EndpointPort> {}

export const endpoints = defineResource<Endpoints>({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  names: { plural: 'endpoints', singular: 'endpoints', shortNames: ['ep'] },
  scope: 'Namespaced',
});
