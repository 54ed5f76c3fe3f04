/** Proportional memory and CPU of every process of the cluster while nothing is asked of it. */
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Layout } from '../../deploy/cluster';
import { findSupervisor, status } from '../../deploy/supervisor/client';

export interface ProcessFootprint {
  name: string;
  pssBytes: number;
  /** Share of one core, 0.01 is one percent. */
  cpu: number;
}

export const footprintGoalBytes = 400e6;
const periodMs = 20_000;
/** USER_HZ, which Linux fixes at 100 for what /proc tells. */
const ticksPerSecond = 100;

/** A process with all its descendants, which count as its own. */
async function familyOf(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  );
  const children = lists.flatMap((list) => list.trim().split(' ').filter(Boolean).map(Number));
  return [pid, ...(await Promise.all(children.map(familyOf))).flat()];
}

async function pssBytesOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
}

/** User and system time. */
async function cpuSecondsOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticksPerSecond;
}

const sumOver = async (pids: number[], value: (pid: number) => Promise<number>): Promise<number> =>
  (await Promise.all(pids.map(value))).reduce((sum, one) => sum + one, 0);

/** CPU over 20 s, memory at their end. */
export async function measureFootprint(layout: Layout): Promise<ProcessFootprint[]> {
  const supervisor = await findSupervisor(layout);
  const named = [
    { name: 'supervisor', pid: supervisor?.pid },
    ...(await status(layout)).map(({ name, pid }) => ({ name, pid })),
  ].flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }]));
  // The others are the supervisor's children until it is replaced: only they count their own.
  const families = await Promise.all(
    named.map(async ({ name, pid }) => ({ name, pids: name === 'supervisor' ? [pid] : await familyOf(pid) })),
  );
  const before = await Promise.all(families.map(({ pids }) => sumOver(pids, cpuSecondsOf)));
  const begin = performance.now();
  await sleep(periodMs);
  const elapsed = (performance.now() - begin) / 1000;
  return Promise.all(
    families.map(async ({ name, pids }, index) => ({
      name,
      pssBytes: await sumOver(pids, pssBytesOf),
      cpu: ((await sumOver(pids, cpuSecondsOf)) - (before[index] ?? 0)) / elapsed,
    })),
  );
}
