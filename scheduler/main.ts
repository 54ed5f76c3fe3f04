/** kube-scheduler: gives every pod a node. */
import { diagnosticsFlags, serveDiagnostics } from '../client/diagnostics-server';
import { createEventRecorder } from '../client/event-recorder';
import { createInformerFactory } from '../client/informer-factory';
import { inClusterConfig, loadKubeconfig } from '../client/kubeconfig';
import { leaderElectFlags, leadProcess } from '../client/lead-process';
import { createRestClient } from '../client/rest-client';
import { defineFlags, type FlagValues } from '../component-base/flags';
import { type ProcessContext, runProcess } from '../component-base/run-process';
import { defaultSchedulerName } from './follow-cluster';
import { defaultPlugins } from './plugins';
import { runScheduler } from './scheduler';

const component = 'kube-scheduler';

const flags = defineFlags({
  kubeconfig: { type: 'string', help: 'Path to kubeconfig file with authorization and master location information.' },
  ...leaderElectFlags(component),
  ...diagnosticsFlags,
  'secure-port': { type: 'int', default: 10259, help: 'The port of health and metrics; 0 serves none.' },
});

async function main(values: FlagValues<typeof flags>, context: ProcessContext): Promise<void> {
  const { log, clock, metrics } = context;
  const cluster = values.kubeconfig ? await loadKubeconfig(values.kubeconfig) : inClusterConfig();
  if (!cluster) throw new Error('--kubeconfig is required outside a pod');
  const client = createRestClient(cluster, { userAgent: `${component}/v1.36.0`, metrics });
  const informers = createInformerFactory({ client, clock, log });
  const recorder = createEventRecorder({ client, clock, component: defaultSchedulerName, log });

  await serveDiagnostics(values, context, client);
  const lead = (leading: AbortSignal): Promise<void> =>
    runScheduler({ client, informers, recorder, clock, log, metrics, plugins: defaultPlugins }, leading);
  try {
    await leadProcess(values, context, { client, recorder, lead });
  } finally {
    await client.close();
  }
}

void runProcess({ component, flags, main });
