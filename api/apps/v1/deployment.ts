/** Deployment. */
import type {
  V1Deployment,
  V1DeploymentCondition,
  V1DeploymentSpec,
  V1DeploymentStatus,
} from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { defineResource } from '../../meta/resource-definition';
import type { Wire } from '../../meta/types';

export interface Deployment extends Wire<V1Deployment> {}
export interface DeploymentSpec extends Wire<V1DeploymentSpec> {}
export interface DeploymentStatus extends Wire<V1DeploymentStatus> {}
export interface DeploymentCondition extends Wire<V1DeploymentCondition> {}

export const deployments = defineResource<Deployment>({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  names: { plural: 'deployments', singular: 'deployment', shortNames: ['deploy'], categories: ['all'] },
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
