/** Lease. */
import type { V1Lease, V1LeaseSpec } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface Lease extends Wire<V1Lease> {}
export interface LeaseSpec extends Wire<V1LeaseSpec> {}

export const leases = defineResource<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  names: { plural: 'leases', singular: 'lease' },
  scope: 'Namespaced',
});
