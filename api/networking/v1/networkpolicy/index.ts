/** NetworkPolicy: which traffic the selected pods take and send. */
import type {
  V1IPBlock,
  V1NetworkPolicy,
  V1NetworkPolicyPeer,
  V1NetworkPolicyPort,
  V1NetworkPolicySpec,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { ageColumn, nameColumn, textColumn } from '../../../meta/columns';
import { defineResource } from '../../../meta/resource-definition';
import { selectorFromLabelSelector } from '../../../meta/selectors';
import type { Wire } from '../../../meta/types';
import { validateNetworkPolicy } from './validation';

export interface NetworkPolicy extends Wire<V1NetworkPolicy> {}
export interface NetworkPolicySpec extends Wire<V1NetworkPolicySpec> {}
export interface NetworkPolicyPeer extends Wire<V1NetworkPolicyPeer> {}
export interface NetworkPolicyPort extends Wire<V1NetworkPolicyPort> {}
export interface IpBlock extends Wire<V1IPBlock> {}

function setDefaults({ spec }: NetworkPolicy): void {
  if (!spec) return;
  spec.podSelector ??= {};
  for (const { ports } of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
    for (const port of ports ?? []) port.protocol ??= 'TCP';
  }
  // A policy is at least about what comes in.
  if (!spec.policyTypes?.length) spec.policyTypes = ['Ingress', ...(spec.egress?.length ? ['Egress'] : [])];
}

export const networkPolicies = defineResource<NetworkPolicy>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  names: { plural: 'networkpolicies', singular: 'networkpolicy', shortNames: ['netpol'] },
  scope: 'Namespaced',
  defaults: setDefaults,
  validate: validateNetworkPolicy,
  generation: true,
  columns: [
    nameColumn,
    textColumn(
      'Pod-Selector',
      "podSelector selects the pods to which this NetworkPolicy object applies. The array of rules is applied to any pods selected by this field. An empty selector matches all pods in the policy's namespace. Multiple network policies can select the same set of pods. In this case, the ingress rules for each are combined additively. This field is optional. If it is not specified, it defaults to an empty selector.",
      ({ spec }) => selectorFromLabelSelector(spec?.podSelector ?? {}).toString() || '<none>',
    ),
    ageColumn,
  ],
});
