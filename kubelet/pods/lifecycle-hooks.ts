/** postStart and preStop handlers: exec, httpGet, tcpSocket (which does nothing, as upstream) and sleep. */
import type { Container, LifecycleHandler } from '../../api/core/v1/pod';
import { abortable } from '../../component-base/abortable';
import type { Clock } from '../../component-base/clock';
import { execSync } from '../runtime/exec-sync';
import type { Runtime } from '../runtime/runtime';
import { httpGet, httpTarget } from './http-get';

/** Only the grace period and the end of the container limit a hook. */
const unlimitedMs = 24 * 3_600_000;

export interface HookDeps {
  runtime: Runtime;
  clock: Clock;
}

export interface HookTarget {
  /** `name_namespace(uid)`. */
  pod: string;
  containerId: string;
  container: Container;
  podIp: string;
}

/** Rejects with what went wrong, in upstream's words, or with the signal's reason once it ends the grace. */
export async function runHook(
  deps: HookDeps,
  handler: LifecycleHandler,
  target: HookTarget,
  signal: AbortSignal,
): Promise<void> {
  try {
    await run(deps, handler, target, signal);
  } catch (cause) {
    if (signal.aborted) throw cause;
    const where = `for Container ${JSON.stringify(target.container.name)} in Pod ${JSON.stringify(target.pod)}`;
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${nameOf(handler)} ${where} failed - error: ${text}`, { cause });
  }
}

function nameOf({ exec, httpGet: get, sleep }: LifecycleHandler): string {
  if (exec) return `Exec lifecycle hook ([${(exec.command ?? []).join(' ')}])`;
  return get ? `HTTP lifecycle hook (${get.path ?? ''})` : `Sleep lifecycle hook (${sleep?.seconds})`;
}

async function run(
  { runtime, clock }: HookDeps,
  handler: LifecycleHandler,
  { containerId, container, podIp }: HookTarget,
  signal: AbortSignal,
): Promise<void> {
  if (handler.exec) {
    const command = handler.exec.command ?? [];
    const { exitCode, output } = await execSync(runtime, containerId, command, 0, signal);
    if (exitCode !== 0) {
      throw new Error(`command '${command.join(' ')}' exited with ${exitCode}: ${output}, message: "${output}"`);
    }
  } else if (handler.httpGet) {
    const target = httpTarget(handler.httpGet, container, podIp);
    const answer = await abortable(httpGet(target, unlimitedMs, 'kube-lifecycle/1.36'), signal);
    if (answer.status >= 400) throw new Error(`unexpected HTTP status code: ${answer.status}`);
  } else if (handler.sleep) {
    await clock.sleep(handler.sleep.seconds * 1000, signal);
  }
}
