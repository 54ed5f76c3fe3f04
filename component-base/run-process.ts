/**
 * The frame of every process: flags in, an abort signal on SIGTERM and SIGINT, a grace period, an exit code out. Upstream:
 * `component-base/cli` and `apiserver/pkg/server.SetupSignalContext`.
 */
import { setMaxListeners } from 'node:events';
import { type Clock, systemClock } from './clock';
import { FlagError, type FlagSpecs, type FlagValues, HelpRequested, parseFlags } from './flags';
import { createHealth, type Health } from './health';
import { createLogger, type Logger } from './logger';
import { createMetrics, type Metrics } from './metrics';

/** What a process' main function is given beside its flags. */
export interface ProcessContext {
  log: Logger;
  /** Aborts on the first SIGTERM or SIGINT. */
  signal: AbortSignal;
  clock: Clock;
  metrics: Metrics;
  health: Health;
}

export interface ProcessOptions<F extends FlagSpecs> {
  component: string;
  flags: F;
  /** The process ends when it resolves (exit code 0) or rejects (1). */
  main(values: FlagValues<F>, context: ProcessContext): Promise<void>;
  /** How long `main` may take to end after the signal. Default 30 s. */
  graceMs?(values: FlagValues<F>): number;
  argv?: readonly string[];
}

/** Runs `main` and exits the process. A second signal, or a grace period that runs out, ends it at once. */
export async function runProcess<F extends FlagSpecs>(options: ProcessOptions<F>): Promise<never> {
  const values = readFlags(options);
  const log = createLogger(options.component, values.v);
  const stop = new AbortController();
  // Everything in the process listens to it: many listeners are no leak.
  setMaxListeners(0, stop.signal);
  const fail = (what: string, error: unknown): never => {
    log.fatal({ err: error }, what);
    return process.exit(1);
  };
  process.on('uncaughtException', (error) => fail('Uncaught exception', error));
  process.on('unhandledRejection', (error) => fail('Unhandled rejection', error));
  const onSignal = (name: string): void => {
    if (stop.signal.aborted) process.exit(1);
    log.info({ signal: name }, 'Shutting down');
    stop.abort(new Error(`received ${name}`));
    setTimeout(() => fail('Shutdown took too long', undefined), options.graceMs?.(values) ?? 30_000).unref();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  const health = createHealth({
    onFailure: (endpoint, check, err) => log.debug({ err, endpoint, check }, 'Health check failed'),
  });
  try {
    await options.main(values, { log, signal: stop.signal, clock: systemClock, metrics: createMetrics(), health });
  } catch (error) {
    // What ends because it was told to is no failure.
    if (!(stop.signal.aborted && error === stop.signal.reason)) fail(describe(error), error);
  }
  return process.exit(0);
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function readFlags<F extends FlagSpecs>({ component, flags, argv = process.argv.slice(2) }: ProcessOptions<F>) {
  try {
    return parseFlags(flags, argv, component);
  } catch (error) {
    if (error instanceof HelpRequested) {
      process.stdout.write(error.message);
      process.exit(0);
    }
    if (!(error instanceof FlagError)) throw error;
    process.stderr.write(`Error: ${error.message}\n`);
    process.exit(1);
  }
}
