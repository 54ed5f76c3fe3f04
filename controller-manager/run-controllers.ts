/** Runs the chosen controllers over one set of informers, each under its own name. */
import { runController } from '../client/controller';
import { createEventRecorder } from '../client/event-recorder';
import { createInformerFactory } from '../client/informer-factory';
import type { RestClient } from '../client/rest-client';
import type { Clock } from '../component-base/clock';
import type { Logger } from '../component-base/logger';
import type { Metrics } from '../component-base/metrics';
import type { ControllerEntry } from './controllers';
import type { ManagerConfig, ManagerDeps } from './manager-deps';

export interface RunControllersOptions {
  entries: readonly ControllerEntry[];
  config: ManagerConfig;
  /** Keys reconciled at a time, by controller name, where it is not the controller's own number. */
  workers?: Readonly<Record<string, number>>;
  client: RestClient;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  signal: AbortSignal;
}

/** Resolves when all have stopped after the signal aborted; rejects when one of them fails for good. */
export async function runControllers(options: RunControllersOptions): Promise<void> {
  const { entries, config, workers = {}, client, clock, log, metrics, signal } = options;
  const informers = createInformerFactory({ client, clock, log });
  const fullyWatched = new Set(
    entries.flatMap(({ controller }) =>
      controller.watches.flatMap(({ definition, scope }) => (scope ? [] : [definition])),
    ),
  );
  const recorders = new Map<string, ReturnType<typeof createEventRecorder>>();
  const running = entries.map(async ({ controller, component }) => {
    const recorder = recorders.get(component) ?? createEventRecorder({ client, clock, component, log });
    recorders.set(component, recorder);
    const deps: ManagerDeps = { client, informers, recorder, clock, log, metrics, config, fullyWatched };
    log.info({ controller: controller.name }, 'Starting controller');
    await runController({ ...controller, workers: workers[controller.name] ?? controller.workers }, deps, signal);
  });
  await Promise.all(running);
}
