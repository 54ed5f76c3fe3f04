/** The controller manager: all controllers in one process, under one lease. */
import { serveDiagnostics } from '../client/diagnostics-server';
import { createEventRecorder } from '../client/event-recorder';
import { inClusterConfig, loadKubeconfig } from '../client/kubeconfig';
import { leadProcess } from '../client/lead-process';
import { createRestClient } from '../client/rest-client';
import type { FlagValues } from '../component-base/flags';
import { type ProcessContext, runProcess } from '../component-base/run-process';
import { readPem } from '../component-base/tls';
import { version } from '../component-base/version';
import { type ControllerEntry, selectControllers } from './controllers';
import { controllerManagerFlags } from './flags';
import type { ManagerConfig } from './manager-deps';
import { runControllers } from './run-controllers';

const component = 'kube-controller-manager';

type Values = FlagValues<typeof controllerManagerFlags>;

async function main(values: Values, context: ProcessContext): Promise<void> {
  const { clock, log, metrics } = context;
  const cluster = values.kubeconfig ? await loadKubeconfig(values.kubeconfig) : inClusterConfig();
  if (!cluster) throw new Error('--kubeconfig is required outside a pod');
  const userAgent = `${component}/${version.gitVersion}`;
  const client = createRestClient(cluster, {
    userAgent,
    metrics,
    ...(values.kubeApiQps > 0 && { qps: values.kubeApiQps }),
    ...(values.kubeApiBurst > 0 && { burst: values.kubeApiBurst }),
  });
  const config = readConfig(values);
  const entries = selectControllers(values.controllers).filter((entry) => isConfigured(entry, values));
  await serveDiagnostics(values, context, client);

  const lead = async (term: AbortSignal): Promise<void> =>
    runControllers({ entries, workers: workerCounts(values), config, client, clock, log, metrics, signal: term });
  try {
    const recorder = createEventRecorder({ client, clock, component, log });
    await leadProcess(values, context, { client, recorder, lead });
  } finally {
    await client.close();
  }
}

/** A controller without its configuration does not run, as upstream's do not. */
function isConfigured({ controller }: ControllerEntry, values: Values): boolean {
  switch (controller.name) {
    case 'node-ipam-controller':
      return values.allocateNodeCidrs && values.clusterCidr !== '';
    case 'certificatesigningrequest-signing-controller':
      return values.clusterSigningCertFile !== '' && values.clusterSigningKeyFile !== '';
    case 'root-ca-certificate-publisher-controller':
      return values.rootCaFile !== '';
    case 'serviceaccount-token-controller':
      return values.serviceAccountPrivateKeyFile !== '';
    default:
      return true;
  }
}

function readConfig(values: Values): ManagerConfig {
  const split = (list: string): string[] => list.split(',').filter(Boolean);
  const signs = values.clusterSigningCertFile && values.clusterSigningKeyFile;
  return {
    clusterCidrs: split(values.clusterCidr),
    serviceCidrs: split(values.serviceClusterIpRange),
    nodeCidrMaskSize: values.nodeCidrMaskSize,
    nodeMonitorPeriodMs: values.nodeMonitorPeriod,
    nodeMonitorGracePeriodMs: values.nodeMonitorGracePeriod,
    nodeStartupGracePeriodMs: values.nodeStartupGracePeriod,
    nodeEvictionRate: Number(values.nodeEvictionRate),
    secondaryNodeEvictionRate: Number(values.secondaryNodeEvictionRate),
    unhealthyZoneThreshold: Number(values.unhealthyZoneThreshold),
    largeClusterSizeThreshold: values.largeClusterSizeThreshold,
    terminatedPodGcThreshold: values.terminatedPodGcThreshold,
    resourceQuotaSyncPeriodMs: values.resourceQuotaSyncPeriod,
    maxEndpointsPerSlice: values.maxEndpointsPerSlice,
    mirroringMaxEndpointsPerSubset: values.mirroringMaxEndpointsPerSubset,
    ...(values.rootCaFile && { rootCa: readPem(values.rootCaFile, 'root CA').toString() }),
    ...(values.serviceAccountPrivateKeyFile && {
      serviceAccountKey: readPem(values.serviceAccountPrivateKeyFile, 'service account key').toString(),
    }),
    ...(signs && {
      signer: {
        certificate: readPem(values.clusterSigningCertFile, 'signing certificate').toString(),
        key: readPem(values.clusterSigningKeyFile, 'signing key').toString(),
      },
    }),
    signingDurationMs: values.clusterSigningDuration,
  };
}

const workerCounts = (values: Values): Record<string, number> => ({
  'deployment-controller': values.concurrentDeploymentSyncs,
  'replicaset-controller': values.concurrentReplicasetSyncs,
  'endpoints-controller': values.concurrentEndpointSyncs,
  'endpointslice-controller': values.concurrentServiceEndpointSyncs,
  'endpointslice-mirroring-controller': values.mirroringConcurrentServiceEndpointSyncs,
  'namespace-controller': values.concurrentNamespaceSyncs,
  'garbage-collector-controller': values.concurrentGcSyncs,
});

void runProcess({ component, flags: controllerManagerFlags, main });
