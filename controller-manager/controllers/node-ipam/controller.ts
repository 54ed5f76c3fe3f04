/** Gives every node the pod CIDR it hands addresses out of. Upstream: `pkg/controller/nodeipam/ipam/range_allocator.go`. */
import { type Node, nodes } from '../../../api/core/v1/node';
import { isNotFound } from '../../../api/meta/status-error';
import type { Stored } from '../../../api/meta/types';
import { defineController, enqueueSelf, watch } from '../../../client/controller';
import { eventWriter } from '../../event-writer';
import type { ManagerDeps } from '../../manager-deps';
import { type Cidr, formatCidr, nextFreeCidr, parseCidr } from './allocate-cidr';

/** A full range is looked at again: a node may have been deleted. */
const fullRetryMs = 30_000;

/**
 * One worker, which asks the server which CIDRs are in use each time it needs one: no memory to lose, and what another
 * instance has just given away is seen.
 */
export const nodeIpamController = defineController<ManagerDeps>({
  name: 'node-ipam-controller',
  workers: 1,
  watches: [watch(nodes, enqueueSelf)],
  permissions: [
    { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'patch', 'update', 'watch'] },
    { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch'] },
    eventWriter,
  ],
  create({ client, config, informers, recorder }) {
    const lister = informers.informer(nodes).lister;
    return {
      async reconcile(key) {
        const node = lister.get(key);
        if (!node || node.metadata.deletionTimestamp || node.spec?.podCIDR) return;
        if (config.clusterCidrs.length === 0) return;
        const { items } = await client.list(nodes);
        const fresh = items.find(({ metadata }) => metadata.uid === node.metadata.uid);
        if (!fresh || fresh.spec?.podCIDR) return;
        const podCIDRs = planPodCidrs(config, items);
        if (!podCIDRs) {
          recorder.event(node, 'Normal', 'CIDRNotAvailable', `Node ${key} status is now: CIDRNotAvailable`);
          return { requeueAfterMs: fullRetryMs };
        }
        const { uid, resourceVersion } = fresh.metadata;
        const patch = { metadata: { uid, resourceVersion }, spec: { podCIDR: podCIDRs[0], podCIDRs } };
        try {
          await client.patch(nodes, key, undefined, patch, { type: 'strategic' });
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
      },
    };
  },
});

/** One free CIDR of each cluster CIDR; undefined when one of them is full. Service addresses are never given to pods. */
export function planPodCidrs(
  config: Pick<ManagerDeps['config'], 'clusterCidrs' | 'serviceCidrs' | 'nodeCidrMaskSize'>,
  existing: readonly Stored<Node>[],
): string[] | undefined {
  const inUse: Cidr[] = [
    ...config.serviceCidrs,
    ...existing.flatMap(({ spec }) => spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : [])),
  ].map(parseCidr);
  const chosen = config.clusterCidrs.map((text) => {
    const range = parseCidr(text);
    return nextFreeCidr(range, range.width === 32 ? config.nodeCidrMaskSize : 64, inUse);
  });
  return chosen.every((cidr) => cidr !== undefined) ? chosen.map(formatCidr) : undefined;
}
