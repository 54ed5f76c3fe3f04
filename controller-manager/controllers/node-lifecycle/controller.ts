/** Notices nodes that stop reporting, taints them, and marks their pods. Upstream: `pkg/controller/nodelifecycle`. */
import { leases } from '../../../api/coordination/v1/lease';
import { nodes } from '../../../api/core/v1/node';
import { pods } from '../../../api/core/v1/pod';
import { defineController, enqueueSelf, watch } from '../../../client/controller';
import { formatTime } from '../../../component-base/clock';
import { eventWriter } from '../../event-writer';
import type { ManagerDeps } from '../../manager-deps';
import { indexByNode } from '../pods-by-node';
import { NodeMonitor } from './monitor';
import { conditionTaints, updateTaints } from './node-taints';

const leaseNamespace = 'kube-node-lease';

export const nodeLifecycleController = defineController<ManagerDeps>({
  name: 'node-lifecycle-controller',
  workers: 8,
  watches: [watch(nodes, enqueueSelf)],
  permissions: [
    { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'update', 'delete', 'patch', 'watch'] },
    { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch', 'update'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['pods/status'], verbs: ['patch', 'update'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'list', 'watch'] },
    eventWriter,
  ],
  create(deps) {
    const { client, clock, config, informers, log, recorder } = deps;
    const nodeLister = informers.informer(nodes).lister;
    const leaseLister = informers.informer(leases, { namespace: leaseNamespace }).lister;
    const monitor = new NodeMonitor({
      client,
      clock,
      log,
      recorder,
      nodeLister,
      leaseOf: (name) => leaseLister.get(`${leaseNamespace}/${name}`),
      podsOn: indexByNode(informers.informer(pods)),
      grace: { monitorMs: config.nodeMonitorGracePeriodMs, startupMs: config.nodeStartupGracePeriodMs },
      rates: {
        normal: config.nodeEvictionRate,
        secondary: config.secondaryNodeEvictionRate,
        unhealthyThreshold: config.unhealthyZoneThreshold,
        largeClusterSize: config.largeClusterSizeThreshold,
      },
    });
    return {
      async reconcile(key) {
        const node = nodeLister.get(key);
        if (!node || node.metadata.deletionTimestamp) return;
        await updateTaints(client, node, (fresh) => conditionTaints(fresh, formatTime(clock.now())));
      },
      async run(signal) {
        while (!signal.aborted) {
          await monitor.check().catch((error: unknown) => {
            log.error({ err: error }, 'Cannot monitor the health of nodes, trying again');
          });
          await clock.sleep(config.nodeMonitorPeriodMs, signal);
        }
      },
    };
  },
});
