/** The real controllers over a real API server, in this process. */
import { systemClock } from '../../component-base/clock';
import { createLogger } from '../../component-base/logger';
import { createMetrics } from '../../component-base/metrics';
import { loadKubeconfig } from '../../client/kubeconfig';
import { createRestClient, type RestClient } from '../../client/rest-client';
import { selectControllers } from '../../controller-manager/controllers';
import type { ManagerConfig } from '../../controller-manager/manager-deps';
import { runControllers } from '../../controller-manager/run-controllers';
import { startTestApiServer, type TestApiServer } from './apiserver';

export interface TestControlPlane {
  server: TestApiServer;
  /** As administrator. */
  client: RestClient;
  stop(): Promise<void>;
}

const defaults: ManagerConfig = {
  clusterCidrs: ['10.96.0.0/16'],
  serviceCidrs: ['10.97.0.0/16'],
  nodeCidrMaskSize: 24,
  nodeMonitorPeriodMs: 200,
  nodeMonitorGracePeriodMs: 40_000,
  nodeStartupGracePeriodMs: 60_000,
  nodeEvictionRate: 10,
  secondaryNodeEvictionRate: 1,
  unhealthyZoneThreshold: 0.55,
  largeClusterSizeThreshold: 50,
  terminatedPodGcThreshold: 12_500,
  resourceQuotaSyncPeriodMs: 300_000,
  maxEndpointsPerSlice: 100,
  mirroringMaxEndpointsPerSubset: 1000,
  rootCa: 'the root CA',
  signingDurationMs: 3_600_000,
};

export async function startTestControlPlane(
  changes: Partial<ManagerConfig> = {},
  identity: { user: string; groups: string[] } = { user: 'system:kube-controller-manager', groups: [] },
): Promise<TestControlPlane> {
  const server = await startTestApiServer();
  const { kubeconfig } = await server.identity(identity.user, identity.groups);
  const serviceAccountKey = server.serviceAccountKey;
  const own = createRestClient(await loadKubeconfig(kubeconfig), { userAgent: 'kube-controller-manager' });
  const client = createRestClient(await loadKubeconfig(server.kubeconfig), { userAgent: 'test' });
  const stopping = new AbortController();
  const log = createLogger('kube-controller-manager', Number(process.env.KUBELAB_TEST_V ?? 0));
  if (!process.env.KUBELAB_TEST_V) log.level = 'silent';
  const running = runControllers({
    entries: selectControllers(['*']),
    config: { ...defaults, serviceAccountKey, ...changes },
    client: own,
    clock: systemClock,
    log,
    metrics: createMetrics({ process: false }),
    signal: stopping.signal,
  });
  running.catch((error: unknown) => log.error({ err: error }, 'Controllers failed'));
  return {
    server,
    client,
    async stop() {
      stopping.abort(new Error('stopped'));
      await running.catch(() => {});
      await Promise.all([own.close(), client.close()]);
      await server.stop();
    },
  };
}
