/** Looks at what the node has left of everything that signals tell of. */
import { readFsUsage, readNodeUsage, readProcessNumbers } from '../stats/node-stats';
import type { Observation, Observations, Signal } from './signals';

/** `nodeFs` and `imageFs` are folders on the kubelet's and on the engine's disk. */
export async function observeNode({ nodeFs, imageFs }: { nodeFs: string; imageFs: string }): Promise<Observations> {
  const [memory, node, image, processes] = await Promise.all([
    readNodeUsage(),
    readFsUsage(nodeFs),
    readFsUsage(imageFs),
    readProcessNumbers(),
  ]);
  const { memoryCapacityBytes, memoryWorkingSetBytes } = memory;
  const entries: [Signal, Observation][] = [
    ['memory.available', { available: memoryCapacityBytes - memoryWorkingSetBytes, capacity: memoryCapacityBytes }],
    ['pid.available', { available: processes.maxPid - processes.running, capacity: processes.maxPid }],
  ];
  for (const [fs, usage] of [
    ['nodefs', node],
    ['imagefs', image],
  ] as const) {
    if (!usage) continue;
    entries.push([`${fs}.available`, { available: usage.availableBytes, capacity: usage.capacityBytes }]);
    // Some file systems make inodes as they need them, and tell of none.
    if (usage.inodes > 0) entries.push([`${fs}.inodesFree`, { available: usage.inodesFree, capacity: usage.inodes }]);
  }
  return new Map(entries);
}
