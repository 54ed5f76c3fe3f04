/** The two classes for what a cluster needs to live. Upstream: `registry/scheduling/rest`. */
import { priorityClasses } from '../../api/scheduling/v1/priorityclass';
import type { Loopback } from '../registry/loopback';
import type { ApiServerController } from './controller';
import { ensure } from './ensure';

const classes = [
  {
    metadata: { name: 'system-node-critical' },
    value: 2_000_001_000,
    preemptionPolicy: 'PreemptLowerPriority',
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  {
    metadata: { name: 'system-cluster-critical' },
    value: 2_000_000_000,
    preemptionPolicy: 'PreemptLowerPriority',
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
];

export const systemPriorityClasses = (loopback: Loopback): ApiServerController => ({
  name: 'scheduling/bootstrap-system-priority-classes',
  async start() {
    for (const wanted of classes) await ensure(loopback, priorityClasses, wanted);
  },
});
