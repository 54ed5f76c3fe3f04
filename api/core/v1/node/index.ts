/** Node: the definition, and the door to its types and pure logic. */
import { defineResource } from '../../../meta/resource-definition';
import type { Node } from './types';

export * from './affinity';
export * from './taints';
export type * from './types';

export const nodes = defineResource<Node>({
  group: '',
  version: 'v1',
  kind: 'Node',
  names: { plural: 'nodes', singular: 'node', shortNames: ['no'] },
  scope: 'Cluster',
  subresources: {
    status: {},
    connect: { proxy: { verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: 'NodeProxyOptions' } },
  },
});
