/** What the whole machine uses and has left: memory, disks and processes, from /proc and the file systems. */
import { readFile, statfs } from 'node:fs/promises';
import type { CgroupUsage } from './cgroup-files';

export interface FsUsage {
  availableBytes: number;
  capacityBytes: number;
  usedBytes: number;
  inodesFree: number;
  inodes: number;
  inodesUsed: number;
}

/** Of the file system that a folder is on; undefined when it cannot be asked. */
export async function readFsUsage(folder: string): Promise<FsUsage | undefined> {
  const disk = await statfs(folder).catch(() => undefined);
  return (
    disk && {
      availableBytes: disk.bavail * disk.bsize,
      capacityBytes: disk.blocks * disk.bsize,
      usedBytes: (disk.blocks - disk.bfree) * disk.bsize,
      inodesFree: disk.ffree,
      inodes: disk.files,
      inodesUsed: disk.files - disk.ffree,
    }
  );
}

export interface ProcessNumbers {
  maxPid: number;
  running: number;
}

/** Every thread has a number. */
export async function readProcessNumbers(): Promise<ProcessNumbers> {
  const [pidMax, threadsMax, loadavg] = await Promise.all([
    readFile('/proc/sys/kernel/pid_max', 'utf8'),
    readFile('/proc/sys/kernel/threads-max', 'utf8'),
    readFile('/proc/loadavg', 'utf8'),
  ]);
  const [, running] = (loadavg.split(' ')[3] ?? '').split('/');
  return { maxPid: Math.min(Number(pidMax), Number(threadsMax)), running: Number(running) };
}

export interface NodeUsage extends CgroupUsage {
  memoryCapacityBytes: number;
}

export async function readNodeUsage(): Promise<NodeUsage> {
  const [stat, memory] = await Promise.all([readFile('/proc/stat', 'utf8'), readFile('/proc/meminfo', 'utf8')]);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (stat.split('\n')[0] ?? '')
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(memory)?.[1] ?? 0) * 1024;
  const used = kib('MemTotal') - kib('MemFree');
  return {
    // Ticks of 10 ms.
    cpuNanoseconds: (user + nice + system + irq + softirq) * 1e7,
    memoryCapacityBytes: kib('MemTotal'),
    memoryUsageBytes: used,
    memoryWorkingSetBytes: Math.max(0, used - kib('Inactive\\(file\\)')),
    memoryRssBytes: kib('AnonPages'),
    pageFaults: 0,
    majorPageFaults: 0,
    memoryLimitBytes: undefined,
  };
}
