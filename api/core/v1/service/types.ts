/** The shapes of a Service. */
import type { V1Service, V1ServicePort, V1ServiceSpec } from '@kubernetes/client-node' with {
  'resolution-mode': 'import',
};
import type { Wire } from '../../../meta/types';

export interface Service extends Wire<V1Service> {}
export interface ServiceSpec extends Wire<V1ServiceSpec> {}
export interface ServicePort extends Wire<V1ServicePort> {}
