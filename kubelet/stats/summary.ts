/** `/stats/summary`: CPU and memory of the node and its pods, from cgroup files (the engine's own stats block for seconds). */
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { formatTime } from '../../component-base/clock';
import type { Clock } from '../../component-base/clock';
import type { PodRuntimeStatus } from '../pods/pod-runtime-status';
import { labels } from '../runtime/labels';
import type { ContainerStatus } from '../runtime/runtime';
import { cgroupPaths, type CgroupUsage, readCgroupUsage } from './cgroup-files';
import { type FsUsage, readFsUsage, readNodeUsage, readProcessNumbers } from './node-stats';

interface CpuStats {
  time: string;
  usageNanoCores: number;
  usageCoreNanoSeconds: number;
}

interface MemoryStats {
  time: string;
  availableBytes?: number;
  usageBytes: number;
  workingSetBytes: number;
  rssBytes: number;
  pageFaults: number;
  majorPageFaults: number;
}

export interface ContainerStats {
  name: string;
  startTime: string;
  cpu: CpuStats;
  memory: MemoryStats;
}

export interface PodStats {
  podRef: { name: string; namespace: string; uid: string };
  startTime: string;
  containers: ContainerStats[];
  cpu: CpuStats;
  memory: MemoryStats;
}

type FsStats = FsUsage & { time: string };

export interface Summary {
  node: {
    nodeName: string;
    startTime: string;
    cpu: CpuStats;
    memory: MemoryStats;
    fs?: FsStats;
    runtime: { imageFs?: FsStats };
    rlimit: { time: string; maxpid: number; curproc: number };
  };
  pods: PodStats[];
}

export interface StatsDeps {
  clock: Clock;
  nodeName: string;
  /** Folders on the kubelet's and on the engine's disk. */
  nodeFs: string;
  imageFs: string;
  /** The pods with their running containers. */
  pods(): PodRuntimeStatus[];
}

export interface StatsProvider {
  summary(): Promise<Summary>;
}

/** Of a container that was not looked at for so long, the next look is the first. */
const forgottenAfterMs = 10 * 60_000;

/** Rates are over the time since the last look, at least a second apart; the first look has none. */
export function createStatsProvider({ clock, nodeName, nodeFs, imageFs, pods }: StatsDeps): StatsProvider {
  const earlier = new Map<string, { atMs: number; cpu: number; rate: number }>();

  function cpuStats(key: string, total: number, nowMs: number): CpuStats {
    const before = earlier.get(key);
    let rate = before?.rate ?? 0;
    if (!before || nowMs - before.atMs >= 1000) {
      if (before && total >= before.cpu) rate = Math.round(((total - before.cpu) * 1000) / (nowMs - before.atMs));
      earlier.set(key, { atMs: nowMs, cpu: total, rate });
    }
    return { time: formatTime(nowMs), usageNanoCores: rate, usageCoreNanoSeconds: total };
  }

  async function containerStats(status: ContainerStatus): Promise<ContainerStats | undefined> {
    const paths = status.pid && cgroupPaths(await readFile(`/proc/${status.pid}/cgroup`, 'utf8').catch(() => ''));
    if (!paths) return undefined;
    const usage = await readCgroupUsage(paths).catch(() => undefined);
    if (!usage) return undefined;
    const nowMs = clock.now();
    return {
      name: status.labels[labels.containerName] ?? '',
      startTime: formatTime(status.startedAtMs ?? status.createdAtMs),
      cpu: cpuStats(status.id, usage.cpuNanoseconds, nowMs),
      memory: memoryStats(usage, nowMs),
    };
  }

  async function podStats(pod: PodRuntimeStatus): Promise<PodStats | undefined> {
    const running = (list: ContainerStatus[]) => list.filter(({ state }) => state === 'running');
    const found = await Promise.all(running(pod.containers).map(containerStats));
    const sandboxes = await Promise.all(running(pod.sandboxes).map(containerStats));
    const containers = found.filter((stats) => stats !== undefined);
    const all = [...containers, ...sandboxes.filter((stats) => stats !== undefined)];
    const [first] = all;
    if (!first) return undefined;
    const started = pod.sandboxes[0]?.createdAtMs ?? clock.now();
    const { uid, name, namespace } = pod;
    return {
      podRef: { name, namespace, uid },
      startTime: formatTime(started),
      containers,
      cpu: sum(all.map(({ cpu }) => cpu)),
      memory: sum(all.map(({ memory }) => memory)),
    };
  }

  return {
    async summary() {
      const all = await Promise.all(pods().map(podStats));
      const nowMs = clock.now();
      for (const [key, { atMs }] of earlier) if (nowMs - atMs > forgottenAfterMs) earlier.delete(key);
      const [node, fs, image, processes] = await Promise.all([
        readNodeUsage(),
        readFsUsage(nodeFs),
        readFsUsage(imageFs),
        readProcessNumbers(),
      ]);
      const time = formatTime(nowMs);
      const availableBytes = node.memoryCapacityBytes - node.memoryWorkingSetBytes;
      return {
        node: {
          nodeName,
          startTime: formatTime(nowMs - os.uptime() * 1000),
          cpu: cpuStats('node', node.cpuNanoseconds, nowMs),
          memory: { ...memoryStats(node, nowMs), availableBytes },
          ...(fs && { fs: { time, ...fs } }),
          runtime: { ...(image && { imageFs: { time, ...image } }) },
          rlimit: { time, maxpid: processes.maxPid, curproc: processes.running },
        },
        pods: all.filter((stats) => stats !== undefined),
      };
    },
  };
}

function memoryStats(usage: CgroupUsage, nowMs: number): MemoryStats {
  const limit = usage.memoryLimitBytes;
  return {
    time: formatTime(nowMs),
    ...(limit !== undefined && { availableBytes: Math.max(0, limit - usage.memoryWorkingSetBytes) }),
    usageBytes: usage.memoryUsageBytes,
    workingSetBytes: usage.memoryWorkingSetBytes,
    rssBytes: usage.memoryRssBytes,
    pageFaults: usage.pageFaults,
    majorPageFaults: usage.majorPageFaults,
  };
}

/** Adds the numbers of all, field by field; the time is the first's. */
function sum<T extends { time: string }>(list: T[]): T {
  const total = { ...list[0] } as Record<string, unknown>;
  for (const entry of list.slice(1)) {
    for (const [key, value] of Object.entries(entry)) {
      if (typeof value === 'number') total[key] = ((total[key] as number | undefined) ?? 0) + value;
    }
  }
  // What is left of a limit means nothing once several are added.
  delete total['availableBytes'];
  return total as T;
}
