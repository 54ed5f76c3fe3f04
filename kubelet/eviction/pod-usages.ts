/** Measures what pods use: dear for disks, so it is done only once something must be evicted, or of pods with limits. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Pod, Volume } from '../../api/core/v1/pod';
import type { PodRuntimeStatus } from '../pods/pod-runtime-status';
import { labels } from '../runtime/labels';
import type { ContainerStatus } from '../runtime/runtime';
import { cgroupPaths, readCgroupUsage } from '../stats/cgroup-files';
import { type DiskUsage, diskUsageOf, sumOf } from '../stats/disk-usage';
import type { PodUsage, Usages } from './rank-pods';
import { type Signal, signals } from './signals';
import type { StorageUsage } from './storage-limits';

export interface PodPlaces {
  statusOf(pod: Pod): PodRuntimeStatus;
  podDir(uid: string): string;
}

export interface UsageDeps extends PodPlaces {
  /** The engine has a disk of its own. */
  hasDedicatedImageFs: boolean;
}

export async function measureUsages(deps: UsageDeps, pods: readonly Pod[], signal: Signal): Promise<Usages> {
  const entries = await Promise.all(
    pods.map(async (pod): Promise<[string, PodUsage][]> => {
      const status = deps.statusOf(pod);
      const running = [...status.containers, ...status.sandboxes].filter(({ state }) => state === 'running');
      if (running.length === 0) return [];
      return [[status.uid, await measure(deps, status, running, signal)]];
    }),
  );
  return new Map(entries.flat());
}

async function measure(
  deps: UsageDeps,
  status: PodRuntimeStatus,
  running: readonly ContainerStatus[],
  signal: Signal,
): Promise<PodUsage> {
  const { resource } = signals[signal];
  if (resource === 'memory') return ofContainers(running, (pid) => memoryOf(pid));
  if (resource === 'pids') return { ...(await ofContainers(running, (pid) => processesOf(pid))), containers: [] };
  // On a dedicated disk the engine keeps layers and logs, and only volumes are on the kubelet's.
  const all = !deps.hasDedicatedImageFs;
  const ofEngine = all || signal.startsWith('imagefs');
  const ofKubelet = all || signal.startsWith('nodefs');
  const containers = ofEngine
    ? await Promise.all(status.containers.map(async (one) => ({ name: nameOf(one), usage: await layerAndLogs(one) })))
    : [];
  const volumes = ofKubelet ? [await diskUsageOf(path.join(deps.podDir(status.uid), 'volumes'))] : [];
  const total = sumOf([...containers.map(({ usage }) => usage), ...volumes]);
  if (resource === 'inodes') return { amount: total.inodes, containers: [] };
  return { amount: total.bytes, containers: containers.map(({ name, usage }) => ({ name, amount: usage.bytes })) };
}

const onDisk = ({ emptyDir }: Volume): boolean => emptyDir !== undefined && emptyDir.medium !== 'Memory';

/** Of a pod that has limits on the local disk. */
export async function measureStorage({ statusOf, podDir }: PodPlaces, pod: Pod): Promise<StorageUsage> {
  const status = statusOf(pod);
  const folder = path.join(podDir(status.uid), 'volumes');
  const emptyDirs = (pod.spec?.volumes ?? []).filter(({ emptyDir }) => emptyDir);
  const volumes = new Map<string, number>();
  for (const { name } of emptyDirs) {
    volumes.set(name, (await diskUsageOf(path.join(folder, 'kubernetes.io~empty-dir', name))).bytes);
  }
  const containers = new Map<string, number>();
  // The newest come first; an earlier instance of one that was restarted is not counted.
  for (const container of status.containers) {
    const name = nameOf(container);
    if (!containers.has(name)) containers.set(name, (await layerAndLogs(container)).bytes);
  }
  const counted = [...emptyDirs.filter(onDisk).map(({ name }) => volumes.get(name) ?? 0), ...containers.values()];
  return { volumes, containers, total: counted.reduce((sum, bytes) => sum + bytes, 0) };
}

const nameOf = (container: ContainerStatus): string => container.labels[labels.containerName] ?? '';

async function ofContainers(
  running: readonly ContainerStatus[],
  amountOf: (pid: number) => Promise<number>,
): Promise<PodUsage> {
  const containers = await Promise.all(
    running.map(async (one) => ({ name: nameOf(one), amount: await amountOf(one.pid ?? 0).catch(() => 0) })),
  );
  return { amount: containers.reduce((sum, { amount }) => sum + amount, 0), containers };
}

const cgroupOf = async (pid: number) => cgroupPaths(await readFile(`/proc/${pid}/cgroup`, 'utf8'));

async function memoryOf(pid: number): Promise<number> {
  const paths = await cgroupOf(pid);
  return paths ? (await readCgroupUsage(paths)).memoryWorkingSetBytes : 0;
}

async function processesOf(pid: number): Promise<number> {
  const paths = await cgroupOf(pid);
  if (!paths) return 0;
  const listed = await readFile(path.join(paths.memory, 'cgroup.procs'), 'utf8');
  return listed.split('\n').filter(Boolean).length;
}

/** Rotated logs lie beside the current one. */
async function layerAndLogs({ writableLayer, logPath }: ContainerStatus): Promise<DiskUsage> {
  const layer = writableLayer ? await diskUsageOf(writableLayer) : { bytes: 0, inodes: 0 };
  if (!logPath) return layer;
  const folder = path.dirname(logPath);
  const logs = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(path.basename(logPath)));
  return sumOf([layer, ...(await Promise.all(logs.map((name) => diskUsageOf(path.join(folder, name)))))]);
}
