/** ReplicaSet. */
import type {
  V1ReplicaSet,
  V1ReplicaSetCondition,
  V1ReplicaSetSpec,
  V1ReplicaSetStatus,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface ReplicaSet extends Wire<V1ReplicaSet> {}
export interface ReplicaSetSpec extends Wire<V1ReplicaSetSpec> {}
export interface ReplicaSetStatus extends Wire<V1ReplicaSetStatus> {}
export interface ReplicaSetCondition extends Wire<V1ReplicaSetCondition> {}

export const replicaSets = defineResource<ReplicaSet>({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  names: { plural: 'replicasets', singular: 'replicaset', shortNames: ['rs'], categories: ['all'] },
  scope: 'Namespaced',
  subresources: {
    status: {},
    scale: {
      specReplicas: 'spec.replicas',
      statusReplicas: 'status.replicas',
      selector: 'spec.selector',
    },
  },
});
