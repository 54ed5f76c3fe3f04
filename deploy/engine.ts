/** The Docker Engine as the set-up needs it: is it there, which images does it have, make one from a folder. */
import { spawn } from 'node:child_process';
import { open, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupError } from './setup-error';
import { identify } from './supervisor/process-identity';

/** The engine's socket: that of DOCKER_HOST, as the docker CLI reads it, when it names a Unix socket. */
export function engineSocket(env = process.env): string {
  const host = env.DOCKER_HOST ?? '';
  if (host && !host.startsWith('unix://')) {
    throw new SetupError(`DOCKER_HOST=${host} is not a Unix socket.`, {
      remedy: 'kubelab needs the engine of this machine: unset DOCKER_HOST or make it unix:///path.',
    });
  }
  return host ? host.slice('unix://'.length) : '/var/run/docker.sock';
}

/** Metadata that `docker import --change` sets on an image. */
export interface ImageConfig {
  /** Dockerfile instructions, such as `CMD ["sh"]`. */
  changes: string[];
}

export interface Engine {
  /** The engine's version, or undefined when nothing answers. */
  version(): Promise<string | undefined>;
  /** Where the engine keeps its data. */
  rootFolder(): Promise<string>;
  hasImage(reference: string): Promise<boolean>;
  /** Makes `reference` from the folder's content, as `tar -c . | docker import -` does. */
  importImage(folder: string, reference: string, config: ImageConfig): Promise<void>;
}

interface Answer {
  statusCode: number;
  body: string;
}

/** Talks to the engine on a Unix socket. Methods other than `version` throw SetupError when the engine refuses. */
export function createEngine(socketPath = engineSocket()): Engine {
  const call = (method: string, path: string, body?: Readable, timeoutMs?: number): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const outgoing = request({ socketPath, method, path, headers: body && { 'content-type': 'application/x-tar' } });
      outgoing.on('response', (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({ statusCode: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        );
      });
      outgoing.on('error', reject);
      if (timeoutMs) outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error('no answer')));
      if (body) body.pipe(outgoing);
      else outgoing.end();
    });

  return {
    async version() {
      // An engine that starts or hangs takes connections and does not answer.
      const answer = await call('GET', '/version', undefined, 3000).catch(() => undefined);
      return answer?.statusCode === 200 ? (JSON.parse(answer.body) as { Version: string }).Version : undefined;
    },
    async rootFolder() {
      const { body } = await call('GET', '/info');
      return (JSON.parse(body) as { DockerRootDir: string }).DockerRootDir;
    },
    async hasImage(reference) {
      return (await call('GET', `/images/${reference}/json`)).statusCode === 200;
    },
    async importImage(folder, reference, { changes }) {
      const [repo, tag = 'latest'] = splitReference(reference);
      const query = new URLSearchParams({ fromSrc: '-', repo, tag });
      for (const change of changes) query.append('changes', change);
      const archive = spawn('tar', ['-c', '-C', folder, '--numeric-owner', '.'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const answer = await call('POST', `/images/create?${query.toString()}`, archive.stdout);
      if (answer.statusCode !== 200 || answer.body.includes('"error"')) {
        throw new SetupError(`The Docker Engine refused to make the image ${reference}: ${answer.body.trim()}`);
      }
    },
  };
}

function splitReference(reference: string): [string, string | undefined] {
  const colon = reference.lastIndexOf(':');
  return colon > reference.lastIndexOf('/')
    ? [reference.slice(0, colon), reference.slice(colon + 1)]
    : [reference, undefined];
}

/**
 * Removes the pid files of an engine that was killed. dockerd looks only whether a process of that pid exists, and would wait
 * for a containerd that is no more.
 */
export async function removeStalePidFiles(paths: string[]): Promise<void> {
  for (const path of paths) {
    const pid = Number(await readFile(path, 'utf8').catch(() => '0'));
    if (pid && !identify(pid)) await rm(path, { force: true });
  }
}

/** Starts dockerd unless an engine answers. Gives its version and whether it was started here. */
export async function ensureEngine(engine: Engine, logFile: string): Promise<{ version: string; started: boolean }> {
  const running = await engine.version();
  if (running) return { version: running, started: false };
  const log = await open(logFile, 'a');
  await removeStalePidFiles(['/var/run/docker.pid', '/var/run/docker/containerd/containerd.pid']);
  const daemon = spawn('dockerd', [], { detached: true, stdio: ['ignore', log.fd, log.fd] });
  let failure: string | undefined;
  daemon.on('error', (error) => (failure = error.message));
  daemon.on('exit', (code) => (failure ??= `dockerd exited with code ${code}`));
  daemon.unref();
  await log.close();
  for (let waitedMs = 0; waitedMs < 60_000; waitedMs += 100) {
    const version = await engine.version();
    if (version) return { version, started: true };
    if (failure) break;
    await sleep(100);
  }
  throw new SetupError(`No Docker Engine answers and dockerd did not start (${failure ?? 'no answer after 60 s'}).`, {
    remedy: `See ${logFile}; is this machine allowed to run containers?`,
  });
}
