/** The shapes of an Ingress. */
import type {
  V1HTTPIngressPath,
  V1Ingress,
  V1IngressBackend,
  V1IngressLoadBalancerIngress,
  V1IngressRule,
  V1IngressSpec,
  V1IngressTLS,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import type { Wire } from '../../../meta/types';

export interface Ingress extends Wire<V1Ingress> {}
export interface IngressSpec extends Wire<V1IngressSpec> {}
export interface IngressRule extends Wire<V1IngressRule> {}
export interface IngressPath extends Wire<V1HTTPIngressPath> {}
export interface IngressBackend extends Wire<V1IngressBackend> {}
export interface IngressTls extends Wire<V1IngressTLS> {}
export interface IngressPoint extends Wire<V1IngressLoadBalancerIngress> {}
