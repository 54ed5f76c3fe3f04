/** What controllers get beside the usual: the configuration of the process. */
import type { ResourceDefinition } from '../api/meta/resource-definition';
import type { ControllerDeps } from '../client/controller';

export interface ManagerConfig {
  /** Pod CIDRs of the cluster, at most one per family. */
  clusterCidrs: string[];
  serviceCidrs: string[];
  nodeCidrMaskSize: number;
  nodeMonitorPeriodMs: number;
  nodeMonitorGracePeriodMs: number;
  nodeStartupGracePeriodMs: number;
  nodeEvictionRate: number;
  secondaryNodeEvictionRate: number;
  unhealthyZoneThreshold: number;
  largeClusterSizeThreshold: number;
  terminatedPodGcThreshold: number;
  resourceQuotaSyncPeriodMs: number;
  maxEndpointsPerSlice: number;
  mirroringMaxEndpointsPerSubset: number;
  /** PEM; undefined disables what needs it. */
  rootCa?: string;
  serviceAccountKey?: string;
  signer?: { certificate: string; key: string };
  signingDurationMs: number;
}

export interface ManagerDeps extends ControllerDeps {
  config: ManagerConfig;
  /** Kinds that some controller follows in full, across all namespaces. */
  fullyWatched: ReadonlySet<ResourceDefinition>;
}
