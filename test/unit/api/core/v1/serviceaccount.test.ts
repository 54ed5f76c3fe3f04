import { nodes } from '../../../../../api/core/v1/node';
import { serviceAccounts } from '../../../../../api/core/v1/serviceaccount';

it('warns once of an annotation that is going', () => {
  const account = { metadata: { name: 'a', annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } } };
  expect(serviceAccounts.warnings?.(account)).toEqual([
    'metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets',
  ]);
  expect(serviceAccounts.warnings?.(account, account)).toEqual([]);
  expect(serviceAccounts.warnings?.({ metadata: { name: 'a' } })).toEqual([]);
});

it('warns of a field of nodes that nobody reads', () => {
  expect(nodes.warnings?.({ spec: { externalID: 'a' } })).toEqual([
    'spec.externalID: this field is deprecated, and is unused by Kubernetes',
  ]);
});
