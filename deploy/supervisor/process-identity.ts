/** Tells one process from a later one with the same pid: the pid together with its start time, from /proc. */
import { readFileSync } from 'node:fs';
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeFileAtomic } from '../cluster';

export interface ProcessIdentity {
  pid: number;
  /** Field 22 of /proc/<pid>/stat: clock ticks since boot. */
  startTime: string;
}

/** Undefined when there is no such process, or only its zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name, in parentheses, may hold spaces: count from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTime] = [fields[0], fields[19]];
    return state === 'Z' || state === 'X' || !startTime ? undefined : { pid, startTime };
  } catch {
    return undefined;
  }
}

export const isAlive = (identity: ProcessIdentity): boolean => identify(identity.pid)?.startTime === identity.startTime;

export function sendSignal(name: NodeJS.Signals, identity: ProcessIdentity): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, name);
  } catch {
    // It ended between the look and the signal.
  }
}

/** There is no exit event for a process that is not a child: looks until it is gone. */
export async function untilGone(identity: ProcessIdentity, everyMs: number): Promise<void> {
  while (isAlive(identity)) await sleep(everyMs);
}

/** When the process started, in milliseconds since the epoch. Linux counts in hundredths of a second for every program. */
export function startedAtMs({ startTime }: ProcessIdentity): number {
  const bootSeconds = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? 0);
  return (bootSeconds + Number(startTime) / 100) * 1000;
}

/** Reads a record that `writeRecord` made; undefined when there is none or its process is gone. */
export async function readRecord<T extends ProcessIdentity>(path: string): Promise<T | undefined> {
  try {
    const record = JSON.parse(await readFile(path, 'utf8')) as T;
    return isAlive(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Whether any process recorded in the folder is alive. */
export async function anyAlive(folder: string): Promise<boolean> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.pid'));
  return (await Promise.all(names.map((name) => readRecord(join(folder, name))))).some(
    (record) => record !== undefined,
  );
}

export const writeRecord = (path: string, record: ProcessIdentity): Promise<void> =>
  writeFileAtomic(path, JSON.stringify(record));

/** Takes a lock that dies with this process. Gives the holder when another process has it. `facts` tell it more of us. */
export async function takeLock(path: string, facts: object = {}): Promise<ProcessIdentity | undefined> {
  // The record is complete before it has the lock's name: nobody ever reads a lock without its holder.
  const own = `${path}.${process.pid}`;
  await writeFile(own, JSON.stringify({ ...identify(process.pid), ...facts }), { mode: 0o600 });
  try {
    for (;;) {
      if (await linkIfFree(own, path)) return undefined;
      const holder = await readRecord(path);
      if (holder) return holder;
      await removeStale(path, `${own}.stale`);
    }
  } finally {
    await rm(own, { force: true });
  }
}

/** False when `path` exists. */
async function linkIfFree(from: string, path: string): Promise<boolean> {
  try {
    await link(from, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** Takes the record of a dead holder away. A lock that another process took in the meantime is given back. */
async function removeStale(path: string, aside: string): Promise<void> {
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return;
  }
  if (await readRecord(aside)) await linkIfFree(aside, path);
  await rm(aside, { force: true });
}
