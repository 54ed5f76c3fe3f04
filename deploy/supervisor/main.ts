/**
 * The supervisor of a cluster's processes on this host: `node dist/deploy/supervisor/main.js <state folder>`. It keeps what
 * `processes.json` lists running, and answers `status`, `reload` and `stop` on a Unix socket. SIGTERM stops the processes
 * in order; a killed supervisor leaves them running for the next one to adopt.
 */
import { copyFile, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { buildId } from '../build-id';
import type { ProcessSpec } from '../processes';
import { takeLock } from './process-identity';
import { SupervisedProcess } from './supervised-process';

const maxLogBytes = 50 * 1024 * 1024;
const logCheckMs = 60_000;

const log = (message: string): void => console.log(`${new Date().toISOString()} ${message}`);

class Supervisor {
  private processes: SupervisedProcess[] = [];
  /** Reloads and stops happen one after another. */
  private queue: Promise<unknown> = Promise.resolve();

  private readonly folders: { run: string; logs: string };

  constructor(private readonly root: string) {
    this.folders = { run: join(root, 'run'), logs: join(root, 'logs') };
  }

  /** Makes the running processes those of the file: stops what is gone or changed, starts what is new. */
  reload(): Promise<void> {
    return this.inTurn(async () => {
      const specs = JSON.parse(await readFile(join(this.root, 'processes.json'), 'utf8')) as ProcessSpec[];
      const keep = this.processes.filter((running) => specs.some((spec) => running.isSame(spec)));
      const dropped = this.processes.filter((running) => !keep.includes(running));
      await Promise.all(dropped.map((running) => running.stop()));
      for (const running of keep) running.retryNow();
      this.processes = specs.map(
        (spec) => keep.find((running) => running.isSame(spec)) ?? new SupervisedProcess(spec, this.folders, log),
      );
      await Promise.all(this.processes.filter((running) => !keep.includes(running)).map((added) => added.start()));
    });
  }

  /** Stops the last first, so that nodes and controllers can still say goodbye to the API server, and it to etcd. */
  stop(): Promise<void> {
    return this.inTurn(async () => {
      const isBackend = (running: SupervisedProcess): boolean => ['etcd', 'kube-apiserver'].includes(running.spec.name);
      await Promise.all(this.processes.filter((running) => !isBackend(running)).map((running) => running.stop()));
      for (const running of this.processes.filter(isBackend).reverse()) await running.stop();
      this.processes = [];
    });
  }

  status(): unknown {
    return this.processes.map((running) => running.status());
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.queue.then(work);
    this.queue = next.catch(() => {});
    return next;
  }

  /** Processes hold their log open for appending: copy it and cut it to nothing. */
  async rotateLogs(): Promise<void> {
    for (const name of await readdir(this.folders.logs)) {
      const path = join(this.folders.logs, name);
      if (!name.endsWith('.log') || (await stat(path)).size < maxLogBytes) continue;
      await copyFile(path, `${path}.1`);
      await truncate(path, 0);
    }
  }
}

/** One request a connection: a command on a line, answered with one line of JSON. */
function serveControl(supervisor: Supervisor, socketPath: string, exit: () => void): Server {
  const commands: Record<string, () => unknown> = {
    status: () => supervisor.status(),
    reload: () => supervisor.reload(),
    stop: () => supervisor.stop(),
  };
  return createServer((connection) => {
    let text = '';
    connection.setEncoding('utf8');
    connection.on('error', () => {});
    connection.on('data', (chunk: string) => {
      text += chunk;
      if (!text.includes('\n')) return;
      const command = text.trim();
      Promise.resolve()
        .then(() => (commands[command] ? commands[command]() : Promise.reject(new Error(`unknown command ${command}`))))
        .then(
          (result) => connection.end(`${JSON.stringify({ result: result ?? null })}\n`),
          (error: Error) => connection.end(`${JSON.stringify({ error: error.message })}\n`),
        )
        .finally(() => command === 'stop' && connection.once('close', exit));
    });
  }).listen(socketPath);
}

async function main(root: string): Promise<void> {
  const lockPath = join(root, 'run', 'supervisor.lock');
  const holder = await takeLock(lockPath, { build: buildId });
  if (holder) {
    log(`another supervisor runs already (pid ${holder.pid})`);
    process.exit(1);
  }
  const supervisor = new Supervisor(root);
  const socketPath = join(root, 'run', 'supervisor.sock');
  await rm(socketPath, { force: true });
  const exit = (): void => {
    void rm(lockPath, { force: true }).finally(() => process.exit(0));
  };
  const control = serveControl(supervisor, socketPath, exit);
  const shutDown = (signal: string): void => {
    log(`stopping on ${signal}`);
    control.close();
    void supervisor.stop().finally(exit);
  };
  process.once('SIGTERM', shutDown);
  process.once('SIGINT', shutDown);
  setInterval(() => {
    supervisor.rotateLogs().catch((error: Error) => log(`log rotation failed: ${error.message}`));
  }, logCheckMs).unref();
  await supervisor.reload();
}

main(process.argv[2] ?? '').catch((error: Error) => {
  log(`fatal: ${error.stack ?? error.message}`);
  process.exit(1);
});
