/** The quality of service class of a pod. Upstream: `pkg/apis/core/v1/helper/qos/qos.go`. */
import type { Quantity } from '../../../meta/quantity';
import { parseResources, type ResourceList, type Resources } from './resources';
import type { Pod } from './types';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const qosResources = ['cpu', 'memory'];

function positive(list: ResourceList | undefined): Resources {
  const entries = Object.entries(parseResources(list));
  return Object.fromEntries(
    entries.filter(([name, quantity]) => qosResources.includes(name) && !quantity.isZero() && !quantity.isNegative()),
  );
}

/**
 * Guaranteed: every container limits cpu and memory and requests as much. BestEffort: nothing is requested or limited.
 * Burstable: the rest. Resources stated for the whole pod count instead of the containers'.
 */
export function qosClassOf(pod: Pod): QosClass {
  const podLevel = pod.spec?.resources;
  const holders = podLevel
    ? [{ resources: podLevel }]
    : [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  const requests = new Map<string, Quantity>();
  const limits = new Map<string, Quantity>();
  let guaranteed = true;
  const accumulate = (total: Map<string, Quantity>, more: Resources) => {
    for (const [name, quantity] of Object.entries(more)) total.set(name, total.get(name)?.add(quantity) ?? quantity);
  };
  for (const { resources } of holders) {
    accumulate(requests, positive(resources?.requests));
    const limited = positive(resources?.limits);
    accumulate(limits, limited);
    if (!qosResources.every((name) => name in limited)) guaranteed = false;
  }
  if (requests.size === 0 && limits.size === 0) return 'BestEffort';
  const equal = [...requests].every(([name, quantity]) => limits.get(name)?.cmp(quantity) === 0);
  return guaranteed && equal && requests.size === limits.size ? 'Guaranteed' : 'Burstable';
}
