/** Image pulls. One of which nothing comes any more is cut off: dockershim's `--image-pull-progress-deadline`. */
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import { jsonLines } from './json-lines';
import { type RegistryAuth, RuntimeError } from './runtime';

export interface PullDeps {
  docker: Pick<Docker, 'pull'>;
  clock: Clock;
  log: Logger;
  /** Turns the engine's errors into RuntimeErrors. */
  call<T>(action: string, task: () => Promise<T>): Promise<T>;
  /** 0 waits for ever. */
  progressDeadlineMs: number;
}

interface Progress {
  id?: string;
  status?: string;
  progress?: string;
  error?: string;
}

export async function pullImage(
  { docker, clock, log, call, progressDeadlineMs }: PullDeps,
  reference: string,
  auth: RegistryAuth | undefined,
): Promise<void> {
  const stuck = new AbortController();
  let latest: Progress = {};
  const cut = (): void => {
    const facts = { image: reference, deadlineMs: progressDeadlineMs, latest };
    log.error(facts, 'Canceling an image pull because of no progress');
    stuck.abort();
  };
  const wait = (): (() => void) => (progressDeadlineMs > 0 ? clock.after(progressDeadlineMs, cut) : () => undefined);
  let cancel = wait();
  try {
    const query = { ...(auth && { authconfig: auth }), abortSignal: stuck.signal };
    const stream = (await call('pull image', () => docker.pull(withTag(reference), query))) as Readable;
    let failure: string | undefined;
    let downloaded = false;
    for await (const progress of jsonLines<Progress>(stream)) {
      failure = progress.error ?? failure;
      latest = progress;
      // A big layer is unpacked without a word, for as long as the disk takes.
      downloaded ||= progress.status === 'Extracting';
      cancel();
      if (!downloaded) cancel = wait();
    }
    if (failure) throw new RuntimeError('pull image', failure, 500);
  } catch (cause) {
    if (!stuck.signal.aborted) throw cause;
    throw new RuntimeError('pull image', 'context canceled', undefined, { cause });
  } finally {
    cancel();
  }
}

/** Without tag or digest the engine would pull every tag of the repository. */
function withTag(reference: string): string {
  const name = reference.slice(reference.lastIndexOf('/') + 1);
  return reference.includes('@') || name.includes(':') ? reference : `${reference}:latest`;
}
