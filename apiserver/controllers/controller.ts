/** What runs inside an API server: upstream's post-start hooks, the first of them before it listens. */
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';

export interface ApiServerController {
  name: string;
  /** Once, before the server says it is ready; repeated until it succeeds. */
  start(signal: AbortSignal): Promise<void>;
  /** Then again and again, this often. */
  everyMs?: number;
  /** What is done again; default: `start`. */
  again?(signal: AbortSignal): Promise<void>;
  /** Once, when the server begins to shut down: upstream's pre-shutdown hook. */
  end?(): Promise<void>;
}

const retryMs = 500;

/** Resolves when it succeeded once; rejects only when the signal aborts. */
export async function startUntilDone(
  controller: ApiServerController,
  deps: { clock: Clock; log: Logger; signal: AbortSignal },
): Promise<void> {
  const { clock, log, signal } = deps;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await controller.start(signal);
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ err: error, hook: controller.name }, 'post-start hook failed, will be tried again');
      await clock.sleep(retryMs, signal);
    }
  }
}

/** Runs until the signal aborts; a failure is logged and the next turn comes. */
export async function repeat(
  controller: ApiServerController,
  deps: { clock: Clock; log: Logger; signal: AbortSignal },
): Promise<void> {
  const { clock, log, signal } = deps;
  if (!controller.everyMs) return;
  const run = controller.again ?? controller.start;
  while (!signal.aborted) {
    try {
      await clock.sleep(controller.everyMs, signal);
      await run(signal);
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ err: error, hook: controller.name }, 'post-start hook failed, will be tried again');
    }
  }
}
