/** Service: the definition, and the door to its types and pure logic. */
import { defineResource } from '../../../meta/resource-definition';
import type { Service } from './types';

export type * from './types';

export const services = defineResource<Service>({
  group: '',
  version: 'v1',
  kind: 'Service',
  names: { plural: 'services', singular: 'service', shortNames: ['svc'], categories: ['all'] },
  scope: 'Namespaced',
  subresources: {
    status: {},
    connect: { proxy: { verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: 'ServiceProxyOptions' } },
  },
});
