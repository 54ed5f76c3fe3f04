/**
 * Keeps one process running. The process is not tied to the supervisor's life: it writes to its log file itself, is
 * recorded by pid and start time, and a later supervisor adopts it. First restart at once, then with back-off.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessSpec } from '../processes';
import { identify, type ProcessIdentity, readRecord, sendSignal, untilGone, writeRecord } from './process-identity';

export interface ProcessStatus {
  name: string;
  pid: number | undefined;
  restarts: number;
  lastExit: string | undefined;
}

interface Folders {
  run: string;
  logs: string;
}

interface Record extends ProcessIdentity {
  specHash: string;
}

const backoffMs = [0, 500, 1000, 2000, 4000, 8000, 16_000, 30_000];
/** A process that ran this long starts again with no delay. */
const stableAfterMs = 20_000;
/** How often an adopted process, which is not our child, is looked at. */
const adoptedCheckMs = 250;

const hashOf = (spec: ProcessSpec): string => createHash('sha1').update(JSON.stringify(spec)).digest('hex');

export class SupervisedProcess {
  private identity: ProcessIdentity | undefined;
  private startedAtMs = 0;
  private failures = 0;
  private restarts = 0;
  private lastExit: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;
  private exited: Promise<void> = Promise.resolve();

  constructor(
    readonly spec: ProcessSpec,
    private readonly folders: Folders,
    private readonly log: (message: string) => void,
  ) {}

  private get recordPath(): string {
    return join(this.folders.run, `${this.spec.name}.pid`);
  }

  /** Adopts a running process of the same command line, stops one of another, and starts it when there is none. */
  async start(): Promise<void> {
    const record = await readRecord<Record>(this.recordPath);
    if (record && record.specHash === hashOf(this.spec)) {
      this.log(`adopted ${this.spec.name} (pid ${record.pid})`);
      this.watchAdopted(record);
      return;
    }
    if (record) {
      this.identity = record;
      this.exited = untilGone(record, adoptedCheckMs);
      await this.stop();
      this.stopping = false;
    }
    this.spawn();
  }

  private watchAdopted(record: ProcessIdentity): void {
    this.identity = record;
    this.startedAtMs = Date.now();
    this.exited = untilGone(record, adoptedCheckMs).then(() => this.onExit('gone'));
  }

  private spawn(): void {
    const { name, command, args, env } = this.spec;
    const log = openSync(join(this.folders.logs, `${name}.log`), 'a', 0o600);
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...env },
    });
    closeSync(log);
    this.startedAtMs = Date.now();
    this.exited = new Promise((resolve) => {
      const finish = (reason: string): void => {
        this.onExit(reason);
        resolve();
      };
      child.once('error', (error) => finish(error.message));
      child.once('exit', (code, signal) => finish(signal ?? `code ${code}`));
    });
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (!identity) return;
    this.identity = identity;
    const record: Record = { ...identity, specHash: hashOf(this.spec) };
    void writeRecord(this.recordPath, record);
    this.log(`started ${name} (pid ${identity.pid})`);
  }

  private onExit(reason: string): void {
    this.identity = undefined;
    this.lastExit = reason;
    if (this.stopping) return;
    this.failures = Date.now() - this.startedAtMs >= stableAfterMs ? 0 : this.failures;
    const delayMs = backoffMs[Math.min(this.failures, backoffMs.length - 1)] ?? 0;
    this.failures++;
    this.restarts++;
    this.log(`${this.spec.name} ended (${reason}); starting it again in ${delayMs} ms`);
    this.timer = setTimeout(() => this.spawn(), delayMs);
  }

  /** Ends a back-off: what made it fail may have changed. */
  retryNow(): void {
    if (this.identity || this.stopping) return;
    clearTimeout(this.timer);
    this.failures = 0;
    this.spawn();
  }

  /** SIGTERM, then SIGKILL after the process's own limit. Resolves once it is gone. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    if (this.identity) {
      const { identity } = this;
      sendSignal('SIGTERM', identity);
      const killer = setTimeout(() => sendSignal('SIGKILL', identity), this.spec.stopTimeoutMs);
      await this.exited;
      clearTimeout(killer);
    }
    await rm(this.recordPath, { force: true });
  }

  status(): ProcessStatus {
    return { name: this.spec.name, pid: this.identity?.pid, restarts: this.restarts, lastExit: this.lastExit };
  }

  isSame(spec: ProcessSpec): boolean {
    return hashOf(spec) === hashOf(this.spec);
  }
}
