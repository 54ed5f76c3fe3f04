/** What is watched of a node, what runs short when there is little of it, and the condition that tells so. */

export type StarvedResource = 'memory' | 'ephemeral-storage' | 'inodes' | 'pids';

export type PressureCondition = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure';

/** Of the kubelet's own disk (`nodefs`) and the engine's (`imagefs`), which may be the same. */
export type Signal =
  | 'memory.available'
  | 'nodefs.available'
  | 'nodefs.inodesFree'
  | 'imagefs.available'
  | 'imagefs.inodesFree'
  | 'pid.available';

export const signals: Readonly<Record<Signal, { resource: StarvedResource; condition: PressureCondition }>> = {
  'memory.available': { resource: 'memory', condition: 'MemoryPressure' },
  'nodefs.available': { resource: 'ephemeral-storage', condition: 'DiskPressure' },
  'nodefs.inodesFree': { resource: 'inodes', condition: 'DiskPressure' },
  'imagefs.available': { resource: 'ephemeral-storage', condition: 'DiskPressure' },
  'imagefs.inodesFree': { resource: 'inodes', condition: 'DiskPressure' },
  'pid.available': { resource: 'pids', condition: 'PIDPressure' },
};

export const isSignal = (name: string): name is Signal => Object.hasOwn(signals, name);

export interface Observation {
  available: number;
  capacity: number;
}

/** What could not be measured is left out. */
export type Observations = ReadonlyMap<Signal, Observation>;
