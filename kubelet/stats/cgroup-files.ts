/** Where a process's cgroups are and what their files say: v1 and v2, cgroupfs and systemd parents alike. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

export interface CgroupPaths {
  version: 1 | 2;
  cpu: string;
  memory: string;
}

/** From `/proc/<pid>/cgroup`. `mounts` maps a v1 controller to its mount point; v2 is mounted at `root`. */
export function cgroupPaths(procCgroup: string, root = '/sys/fs/cgroup'): CgroupPaths | undefined {
  const controllers = new Map<string, string>();
  let unified: string | undefined;
  for (const line of procCgroup.split('\n')) {
    const match = /^(\d+):([^:]*):(.*)$/.exec(line);
    if (!match) continue;
    const [, id, names = '', folder = ''] = match;
    if (id === '0' && names === '') unified = folder;
    else for (const name of names.split(',')) controllers.set(name, folder);
  }
  const cpu = controllers.get('cpuacct');
  const memory = controllers.get('memory');
  // On a hybrid system the unified hierarchy exists too, but carries no controllers.
  if (cpu !== undefined && memory !== undefined) {
    return { version: 1, cpu: path.join(root, 'cpuacct', cpu), memory: path.join(root, 'memory', memory) };
  }
  if (unified === undefined) return undefined;
  const folder = path.join(root, unified);
  return { version: 2, cpu: folder, memory: folder };
}

export interface CgroupUsage {
  cpuNanoseconds: number;
  memoryUsageBytes: number;
  /** Usage without the inactive page cache: what counts for eviction. */
  memoryWorkingSetBytes: number;
  memoryRssBytes: number;
  pageFaults: number;
  majorPageFaults: number;
  /** Undefined without a limit. */
  memoryLimitBytes: number | undefined;
}

type ReadText = (file: string) => Promise<string>;
const readText: ReadText = (file) => readFile(file, 'utf8');

export async function readCgroupUsage(paths: CgroupPaths, read: ReadText = readText): Promise<CgroupUsage> {
  return paths.version === 1 ? readV1(paths, read) : readV2(paths, read);
}

async function readV1({ cpu, memory }: CgroupPaths, read: ReadText): Promise<CgroupUsage> {
  const [usage, used, limit, stat] = await Promise.all([
    read(path.join(cpu, 'cpuacct.usage')),
    read(path.join(memory, 'memory.usage_in_bytes')),
    read(path.join(memory, 'memory.limit_in_bytes')),
    read(path.join(memory, 'memory.stat')).then(parseStat),
  ]);
  const limitBytes = Number(limit);
  return {
    cpuNanoseconds: Number(usage),
    ...memoryOf(Number(used), stat['total_inactive_file'] ?? 0),
    memoryRssBytes: stat['total_rss'] ?? 0,
    pageFaults: stat['total_pgfault'] ?? 0,
    majorPageFaults: stat['total_pgmajfault'] ?? 0,
    // "No limit" is the largest page-aligned number.
    memoryLimitBytes: limitBytes > 2 ** 60 ? undefined : limitBytes,
  };
}

async function readV2({ cpu, memory }: CgroupPaths, read: ReadText): Promise<CgroupUsage> {
  const [cpuStat, used, limit, stat] = await Promise.all([
    read(path.join(cpu, 'cpu.stat')).then(parseStat),
    read(path.join(memory, 'memory.current')),
    read(path.join(memory, 'memory.max')),
    read(path.join(memory, 'memory.stat')).then(parseStat),
  ]);
  return {
    cpuNanoseconds: (cpuStat['usage_usec'] ?? 0) * 1000,
    ...memoryOf(Number(used), stat['inactive_file'] ?? 0),
    memoryRssBytes: stat['anon'] ?? 0,
    pageFaults: stat['pgfault'] ?? 0,
    majorPageFaults: stat['pgmajfault'] ?? 0,
    memoryLimitBytes: limit.trim() === 'max' ? undefined : Number(limit),
  };
}

const memoryOf = (used: number, inactive: number) => ({
  memoryUsageBytes: used,
  memoryWorkingSetBytes: Math.max(0, used - inactive),
});

function parseStat(text: string): Record<string, number> {
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([name = '', value = '0']) => [name, Number(value)]),
  );
}
