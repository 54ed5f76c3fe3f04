/** Refuses at once what no resize can reach: upstream's PodResizeValidator. */
import { nodes } from '../../api/core/v1/node';
import { type Pod, podRequests } from '../../api/core/v1/pod';
import { Quantity } from '../../api/meta/quantity';
import type { Loopback } from '../registry/loopback';
import { lookUpOf } from '../registry/look-up';
import type { AdmissionPlugin } from './admission';
import { only, refuse } from './refusal';

export function podResizeValidator(loopback: Loopback): AdmissionPlugin {
  const findNode = lookUpOf(loopback, nodes);
  return {
    name: 'PodResizeValidator',
    operations: ['UPDATE'],
    concerns: only('', 'pods', ['resize']),
    async validate(attributes) {
      const pod = attributes.object as Pod;
      const name = pod.spec?.nodeName;
      if (!name || pod.metadata?.generation === attributes.oldObject?.metadata.generation) return;
      const node = await findNode('', name);
      if (!node) throw refuse(attributes, `node ${JSON.stringify(name)} not found`);
      const os = node.metadata.labels?.['kubernetes.io/os'] ?? 'linux';
      if (os !== 'linux') {
        const is = `node ${JSON.stringify(name)} is ${JSON.stringify(os)}`;
        throw refuse(attributes, `pod resize is only supported on linux nodes, ${is}`);
      }
      const beyond = exceeded(pod, node.status?.allocatable ?? {});
      if (beyond.length === 0) return;
      throw refuse(attributes, `node didn't have enough allocatable resources: ${beyond.join('; ')}`);
    },
  };
}

/** `cpu, requested: 5000, allocatable: 4000` */
export function exceeded(pod: Pod, allocatable: Readonly<Record<string, string>>): string[] {
  const zero = Quantity.parse('0');
  const requests = podRequests(pod);
  return (['cpu', 'memory'] as const).flatMap((name) => {
    const requested = requests[name] ?? zero;
    const available = Quantity.tryParse(allocatable[name]) ?? zero;
    if (requested.cmp(available) <= 0) return [];
    const amount = (quantity: Quantity): number => (name === 'cpu' ? quantity.milliValue() : quantity.value());
    return [`${name}, requested: ${amount(requested)}, allocatable: ${amount(available)}`];
  });
}
