/**
 * A file that is written in batches, never by the request that has something to say, and rotated by size like upstream's
 * (lumberjack): `audit.log` becomes `audit-<time>.log`.
 */
import { appendFile, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';

export interface LogFileOptions {
  /** `-` is standard output. */
  path: string;
  /** 0: upstream's library rotates at 100 MiB then. */
  maxSizeBytes: number;
  /** Old files kept; 0: all. */
  maxBackups: number;
  /** How long they are kept; 0: for ever. */
  maxAgeMs: number;
  clock: Clock;
  log: Logger;
  /** Told how many lines were lost: too many waiting, or the file cannot be written. */
  onLost(count: number): void;
}

export interface LogFile {
  /** Takes a line that is made when it is written. Never blocks. */
  write(line: () => string): void;
  /** Resolves when everything taken so far is written. */
  flush(): Promise<void>;
}

/** Upstream's buffer of the batching backend. */
const maxWaiting = 10_000;
const linesPerWrite = 400;
const defaultMaxSizeBytes = 100 * 1024 * 1024;

export function createLogFile(options: LogFileOptions): LogFile {
  const { path, clock, log, onLost } = options;
  const maxSizeBytes = options.maxSizeBytes || defaultMaxSizeBytes;
  let waiting: (() => string)[] = [];
  let writing: Promise<void> | undefined;
  let size: number | undefined;

  const append = async (text: string): Promise<void> => {
    if (path === '-') {
      await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
      return;
    }
    size ??= await stat(path).then(
      (found) => found.size,
      () => createPrivately(path),
    );
    const bytes = Buffer.byteLength(text);
    if (size > 0 && size + bytes > maxSizeBytes) {
      await rotate(options);
      size = await createPrivately(path);
    }
    await appendFile(path, text);
    size += bytes;
  };
  const drain = async (): Promise<void> => {
    // Lines of one turn of the event loop go out together.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (waiting.length) {
      const lines = waiting.splice(0, linesPerWrite);
      try {
        await append(lines.map((line) => `${line()}\n`).join(''));
      } catch (error) {
        size = undefined;
        onLost(lines.length);
        log.error({ err: error, path }, 'cannot write the audit log');
      }
    }
    writing = undefined;
  };
  return {
    write(line) {
      if (waiting.length >= maxWaiting) return onLost(1);
      waiting.push(line);
      writing ??= drain();
    },
    async flush() {
      for (let current = writing; current; current = writing) await current;
    },
  };

  async function rotate({ maxBackups, maxAgeMs }: LogFileOptions): Promise<void> {
    const extension = extname(path);
    const stem = basename(path, extension);
    const folder = dirname(path);
    const nowMs = clock.now();
    await rename(path, join(folder, backupName(stem, extension, nowMs)));
    for (const name of backupsToRemove(await readdir(folder), { stem, extension, maxBackups, maxAgeMs, nowMs })) {
      await rm(join(folder, name), { force: true });
    }
  }
}

/** An empty file that only its owner may read: the log can hold what requests hold. Gives its size. */
async function createPrivately(path: string): Promise<number> {
  await (await open(path, 'a', 0o600)).close();
  return 0;
}

const backupName = (stem: string, extension: string, nowMs: number): string =>
  `${stem}-${new Date(nowMs).toISOString().slice(0, 23).replaceAll(':', '-')}${extension}`;

/** Which old files are too many or too old. Pure. */
export function backupsToRemove(
  names: readonly string[],
  options: { stem: string; extension: string; maxBackups: number; maxAgeMs: number; nowMs: number },
): string[] {
  const { stem, extension, maxBackups, maxAgeMs, nowMs } = options;
  const backups = names
    .flatMap((name) => {
      if (!name.startsWith(`${stem}-`) || !name.endsWith(extension)) return [];
      const match = /^(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d\.\d{3})$/.exec(
        name.slice(stem.length + 1, name.length - extension.length),
      );
      return match ? [{ name, atMs: Date.parse(`${match[1]}:${match[2]}:${match[3]}Z`) }] : [];
    })
    .sort((a, b) => b.atMs - a.atMs);
  return backups
    .filter(({ atMs }, index) => (maxBackups > 0 && index >= maxBackups) || (maxAgeMs > 0 && nowMs - atMs > maxAgeMs))
    .map(({ name }) => name);
}
