/** What a Service uses. Upstream: `pkg/quota/v1/evaluator/core/services.go`. */
import { Quantity } from '../../../../meta/quantity';
import type { Service } from '../../service';
import { one } from './amounts';
import { countNameOf, type QuotaEvaluator } from './evaluator';

const countName = countNameOf({ group: '', resource: 'services' });
const names: ReadonlySet<string> = new Set([countName, 'services', 'services.nodeports', 'services.loadbalancers']);

/** Node ports are not allocated yet when a Service is judged: it is what it asks for that counts. */
function nodePorts({ spec }: Service): number {
  const ports = spec?.ports ?? [];
  if (spec?.type === 'NodePort') return ports.length;
  if (spec?.type !== 'LoadBalancer') return 0;
  if (spec.allocateLoadBalancerNodePorts === false) return ports.filter(({ nodePort }) => nodePort).length;
  return ports.length;
}

export const serviceEvaluator: QuotaEvaluator = {
  handles: ({ subresource }) => !subresource,
  matchingResources: (given) => given.filter((name) => names.has(name)),
  matchesScope: () => false,
  usage: (service: Service) => ({
    [countName]: one,
    services: one,
    'services.nodeports': Quantity.ofValue(nodePorts(service)),
    'services.loadbalancers': service.spec?.type === 'LoadBalancer' ? one : Quantity.zero,
  }),
};
