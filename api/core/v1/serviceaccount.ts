/** ServiceAccount. */
import type { V1ServiceAccount } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface ServiceAccount extends Wire<V1ServiceAccount> {}

export const serviceAccounts = defineResource<ServiceAccount>({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  names: { plural: 'serviceaccounts', singular: 'serviceaccount', shortNames: ['sa'] },
  scope: 'Namespaced',
  subresources: {
    connect: { token: { verbs: ['create'], group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' } },
  },
});
