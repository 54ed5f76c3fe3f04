/** Node: the definition, and the door to its types and pure logic. */
import { defineResource } from '../../../meta/resource-definition';
import { canonicalizeResourceList } from '../resource-list';
import { nodeColumns } from './columns';
import type { Node } from './types';
import { validateNode, validateNodeUpdate } from './validation';

export * from './affinity';
export * from './taints';
export type * from './types';

/** `podCIDR` is the first of `podCIDRs`; what can be allocated is all there is until the node says otherwise. */
function defaults(node: Node): void {
  const { spec, status } = node;
  if (spec?.podCIDR && !spec.podCIDRs?.length) spec.podCIDRs = [spec.podCIDR];
  if (spec?.podCIDRs?.length && !spec.podCIDR) spec.podCIDR = spec.podCIDRs[0];
  for (const taint of spec?.taints ?? []) if (taint.value === '') delete taint.value;
  if (!status) return;
  canonicalizeResourceList(status.capacity);
  canonicalizeResourceList(status.allocatable);
  if (status.capacity) status.allocatable ??= { ...status.capacity };
}

export const nodes = defineResource<Node>({
  group: '',
  version: 'v1',
  kind: 'Node',
  names: { plural: 'nodes', singular: 'node', shortNames: ['no'] },
  scope: 'Cluster',
  defaults,
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  warnings: ({ spec }) =>
    spec?.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : [],
  // A kubelet registers with its status.
  keepsStatusOnCreate: true,
  generation: false,
  selectableFields: { 'spec.unschedulable': ({ spec }) => String(spec?.unschedulable ?? false) },
  columns: nodeColumns,
  subresources: {
    status: { validateUpdate: validateNodeUpdate },
    connect: {
      proxy: { verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: 'NodeProxyOptions', passesOn: true },
    },
  },
});
