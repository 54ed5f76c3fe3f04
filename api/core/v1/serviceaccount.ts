/** ServiceAccount: the identity of processes in pods. */
import type { V1ServiceAccount } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { ageColumn, nameColumn } from '../../meta/columns';
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface ServiceAccount extends Wire<V1ServiceAccount> {}

const enforcement = 'kubernetes.io/enforce-mountable-secrets';
const enforcementWarning = `metadata.annotations[${enforcement}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`;
const enforces = (account: ServiceAccount | undefined): boolean =>
  account?.metadata?.annotations?.[enforcement] !== undefined;

export const serviceAccounts = defineResource<ServiceAccount>({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  names: { plural: 'serviceaccounts', singular: 'serviceaccount', shortNames: ['sa'] },
  scope: 'Namespaced',
  returnDeletedObject: true,
  warnings: (account, old) => (enforces(old) ? [] : enforces(account) ? [enforcementWarning] : []),
  columns: [
    nameColumn,
    {
      name: 'Secrets',
      type: 'string',
      description:
        'Secrets is a list of the secrets in the same namespace that pods running using this ServiceAccount are allowed to use.',
      value: ({ secrets }) => secrets?.length ?? 0,
    },
    ageColumn,
  ],
  subresources: {
    connect: { token: { verbs: ['create'], group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' } },
  },
});
