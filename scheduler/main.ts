/** kube-scheduler: gives every pod a node. */
import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { authorizePaths, createDelegatedAuth } from '../client/delegated-auth';
import { createEventRecorder } from '../client/event-recorder';
import { createInformerFactory } from '../client/informer-factory';
import { inClusterConfig, loadKubeconfig } from '../client/kubeconfig';
import { runLeaderElection } from '../client/leader-election';
import { createRestClient } from '../client/rest-client';
import { defineFlags, type FlagValues } from '../component-base/flags';
import { type ProcessContext, runProcess } from '../component-base/run-process';
import { startServing } from '../component-base/serving';
import { defaultPlugins } from './plugins';
import { defaultSchedulerName, runScheduler } from './scheduler';

const component = 'kube-scheduler';

const flags = defineFlags({
  kubeconfig: { type: 'string', help: 'Path to kubeconfig file with authorization and master location information.' },
  'leader-elect': { type: 'bool', default: true, help: 'Lead only while holding the lease.' },
  'leader-elect-lease-duration': {
    type: 'duration',
    default: '15s',
    help: 'How long others wait for a silent leader.',
  },
  'leader-elect-renew-deadline': { type: 'duration', default: '10s', help: 'How long the leader tries to renew.' },
  'leader-elect-retry-period': { type: 'duration', default: '2s', help: 'How often the lease is tried or renewed.' },
  'leader-elect-identity': {
    type: 'string',
    help: 'Identity in the lease; an instance that starts again under it resumes at once. Default: unique.',
  },
  'bind-address': { type: 'string', default: '0.0.0.0', help: 'The IP address to serve health and metrics on.' },
  'secure-port': { type: 'int', default: 10259, help: 'The port of health and metrics; 0 serves none.' },
  'tls-cert-file': { type: 'string', help: 'Serving certificate. Without one the port speaks plain HTTP on loopback.' },
  'tls-private-key-file': { type: 'string', help: 'Private key of --tls-cert-file.' },
  'client-ca-file': { type: 'string', help: 'CAs of the client certificates accepted for metrics.' },
});

async function main(values: FlagValues<typeof flags>, context: ProcessContext): Promise<void> {
  const { log, signal, clock, metrics, health } = context;
  const cluster = values.kubeconfig ? await loadKubeconfig(values.kubeconfig) : inClusterConfig();
  if (!cluster) throw new Error('--kubeconfig is required outside a pod');
  const client = createRestClient(cluster, { userAgent: `kubelab-${component}/v1.36.0`, metrics });
  const informers = createInformerFactory({ client, clock, log });
  const recorder = createEventRecorder({ client, clock, component: defaultSchedulerName, log });

  if (values.securePort !== 0) {
    const auth = createDelegatedAuth({ client, clock });
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
      authorize: authorizePaths(auth),
      log,
      signal,
    });
  }
  const lead = (leading: AbortSignal): Promise<void> =>
    runScheduler({ client, informers, recorder, clock, log, metrics, plugins: defaultPlugins }, leading);
  try {
    if (!values.leaderElect) return await lead(signal);
    await runLeaderElection({
      client,
      clock,
      log,
      recorder,
      identity: values.leaderElectIdentity || `${hostname()}_${randomUUID()}`,
      name: component,
      namespace: 'kube-system',
      leaseDurationMs: values.leaderElectLeaseDuration,
      renewDeadlineMs: values.leaderElectRenewDeadline,
      retryPeriodMs: values.leaderElectRetryPeriod,
      signal,
      lead,
    });
  } finally {
    await client.close();
  }
}

void runProcess({ component, flags, main });
