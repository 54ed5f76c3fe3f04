/** Pod: the definition, and the door to its types and pure logic. */
import { defineResource } from '../../../meta/resource-definition';
import type { Pod } from './types';

export type * from './types';

export const pods = defineResource<Pod>({
  group: '',
  version: 'v1',
  kind: 'Pod',
  names: { plural: 'pods', singular: 'pod', shortNames: ['po'], categories: ['all'] },
  scope: 'Namespaced',
  subresources: {
    status: {},
    update: { ephemeralcontainers: {}, resize: {} },
    connect: {
      attach: { verbs: ['create', 'get'], kind: 'PodAttachOptions' },
      binding: { verbs: ['create'], kind: 'Binding' },
      eviction: { verbs: ['create'], group: 'policy', version: 'v1', kind: 'Eviction' },
      exec: { verbs: ['create', 'get'], kind: 'PodExecOptions' },
      log: { verbs: ['get'], kind: 'Pod' },
      portforward: { verbs: ['create', 'get'], kind: 'PodPortForwardOptions' },
      proxy: { verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: 'PodProxyOptions' },
    },
  },
});
