/** Runs a command in a container to its end, for probes and hooks. */
import { abortable } from '../../component-base/abortable';
import type { ExecSession, StreamingRuntime } from './runtime';

export interface ExecResult {
  exitCode: number;
  /** stdout and stderr in order of arrival, at most 10 KiB. */
  output: string;
}

export class ExecTimeoutError extends Error {
  override readonly name = 'ExecTimeoutError';
}

const maxOutput = 10 * 1024;

/** Rejects with ExecTimeoutError when `timeoutMs` passes first (0: never); the process in the container is left behind. */
export async function execSync(
  runtime: Pick<StreamingRuntime, 'exec'>,
  containerId: string,
  command: string[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<ExecResult> {
  const session = await runtime.exec({ containerId, command, tty: false, stdin: false });
  let output = '';
  const collect = (chunk: Buffer): void => {
    if (output.length < maxOutput) output += chunk.toString().slice(0, maxOutput - output.length);
  };
  session.stdout.on('data', collect);
  session.stderr?.on('data', collect);
  const exitCode = await withTimeout(session, command, timeoutMs, signal);
  return { exitCode: exitCode ?? 0, output };
}

async function withTimeout(
  session: ExecSession,
  command: string[],
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<number | null> {
  let timer: NodeJS.Timeout | undefined;
  const cut = new Promise<never>((_, reject) => {
    const text = `command "${command.join(' ')}" timed out: command timed out after ${timeoutMs / 1000}s`;
    if (timeoutMs > 0) timer = setTimeout(() => reject(new ExecTimeoutError(text)), timeoutMs);
  });
  try {
    return await abortable(Promise.race([session.exit, cut]), signal);
  } finally {
    clearTimeout(timer);
    session.close();
  }
}
