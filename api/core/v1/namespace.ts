/** Namespace. */
import type { V1Namespace } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface Namespace extends Wire<V1Namespace> {}

export const namespaces = defineResource<Namespace>({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  names: { plural: 'namespaces', singular: 'namespace', shortNames: ['ns'] },
  scope: 'Cluster',
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: { status: {}, update: { finalize: {} } },
});
