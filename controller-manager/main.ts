/** The controller manager: all controllers in one process, under one lease. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { authorizePaths, createDelegatedAuth } from '../client/delegated-auth';
import { createEventRecorder } from '../client/event-recorder';
import { inClusterConfig, loadKubeconfig } from '../client/kubeconfig';
import { runLeaderElection } from '../client/leader-election';
import { createRestClient, type RestClient } from '../client/rest-client';
import type { FlagValues } from '../component-base/flags';
import { type ProcessContext, runProcess } from '../component-base/run-process';
import { startServing } from '../component-base/serving';
import { readPem } from '../component-base/tls';
import { version } from '../component-base/version';
import { type ControllerEntry, selectControllers } from './controllers';
import { controllerManagerFlags } from './flags';
import type { ManagerConfig } from './manager-deps';
import { runControllers } from './run-controllers';

const component = 'kube-controller-manager';

type Values = FlagValues<typeof controllerManagerFlags>;

async function main(values: Values, context: ProcessContext): Promise<void> {
  const { clock, log, metrics, signal } = context;
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
  if (values.securePort !== 0) await serve(values, context, client);

  const lead = async (term: AbortSignal): Promise<void> =>
    runControllers({ entries, workers: workerCounts(values), config, client, clock, log, metrics, signal: term });
  try {
    if (!values.leaderElect) return await lead(signal);
    await runLeaderElection({
      client,
      clock,
      log,
      identity: values.leaderElectIdentity || `${hostname()}_${randomUUID()}`,
      name: values.leaderElectResourceName,
      namespace: values.leaderElectResourceNamespace,
      leaseDurationMs: values.leaderElectLeaseDuration,
      renewDeadlineMs: values.leaderElectRenewDeadline,
      retryPeriodMs: values.leaderElectRetryPeriod,
      signal,
      recorder: createEventRecorder({ client, clock, component, log }),
      lead,
    });
  } finally {
    await client.close();
  }
}

/** Health for everybody, metrics for those who may; without a certificate on loopback alone. */
async function serve(
  values: Values,
  { clock, health, log, metrics, signal }: ProcessContext,
  client: RestClient,
): Promise<void> {
  const withTls = values.tlsCertFile !== '';
  await startServing({
    address: withTls ? values.bindAddress : '127.0.0.1',
    port: values.securePort,
    ...(withTls && {
      tls: {
        certFile: values.tlsCertFile,
        keyFile: values.tlsPrivateKeyFile,
        ...(values.clientCaFile && { clientCaFile: values.clientCaFile }),
      },
    }),
    health,
    metrics,
    authorize: authorizePaths(createDelegatedAuth({ client, clock })),
    log,
    signal,
  });
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
    maxEndpointsPerSlice: values.maxEndpointsPerSlice,
    ...(values.rootCaFile && { rootCa: readPem(values.rootCaFile, 'root CA').toString() }),
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
  'namespace-controller': values.concurrentNamespaceSyncs,
  'garbage-collector-controller': values.concurrentGcSyncs,
});

void runProcess({ component, flags: controllerManagerFlags, main });
