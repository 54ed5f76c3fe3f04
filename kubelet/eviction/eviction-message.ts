/** Why a pod was evicted, in upstream's words (pkg/kubelet/eviction/helpers.go). Pure. */
import { containersOf, type Pod } from '../../api/core/v1/pod';
import { Quantity } from '../../api/meta/quantity';
import type { PodUsage } from './rank-pods';
import { type Observations, signals, type StarvedResource } from './signals';
import type { Threshold } from './thresholds';
import { amountOf } from './thresholds';

/**
 * `The node was low on resource: memory. Threshold quantity: 100Mi, available: 52Mi. Container app was using 90Mi, request is
 * 50Mi, has larger consumption of memory. `
 */
export function evictionMessage(
  pod: Pod,
  resource: StarvedResource,
  due: readonly Threshold[],
  observations: Observations,
  usage: PodUsage | undefined,
): string {
  return `The node was low on resource: ${resource}. ${thresholdText(resource, due, observations)}${
    usage ? containersText(pod, resource, usage) : ''
  }`;
}

function thresholdText(resource: StarvedResource, due: readonly Threshold[], observations: Observations): string {
  const threshold = due.find(({ signal }) => signals[signal].resource === resource);
  const observed = threshold && observations.get(threshold.signal);
  if (!observed) return '';
  const { amount } = threshold;
  const quantity =
    'quantity' in amount ? amount.quantity : Quantity.ofValue(amountOf(amount, observed.capacity), 'BinarySI');
  const format = resource === 'memory' || resource === 'ephemeral-storage' ? 'BinarySI' : 'DecimalSI';
  return `Threshold quantity: ${quantity}, available: ${Quantity.ofValue(observed.available, format)}. `;
}

function containersText(pod: Pod, resource: StarvedResource, { containers }: PodUsage): string {
  const known = containersOf(pod);
  return containers
    .map(({ name, amount }) => {
      const container = known.find((one) => one.name === name);
      const request = Quantity.tryParse(container?.resources?.requests?.[resource]) ?? Quantity.zero;
      const used = Quantity.ofValue(amount, 'BinarySI');
      if (!container || used.cmp(request) <= 0) return '';
      return `Container ${name} was using ${used}, request is ${request}, has larger consumption of ${resource}. `;
    })
    .join('');
}
