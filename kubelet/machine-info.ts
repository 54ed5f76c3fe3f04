/** The machine as the node object describes it, read from /proc, /sys and /etc. */
import { readFile, statfs } from 'node:fs/promises';
import os from 'node:os';

export interface MachineInfo {
  cpus: number;
  memoryBytes: number;
  diskBytes: number;
  machineID: string;
  systemUUID: string;
  bootID: string;
  kernelVersion: string;
  osImage: string;
  architecture: string;
  /** The kernel has AppArmor, and it is switched on. */
  appArmor: boolean;
}

const read = (file: string): Promise<string> =>
  readFile(file, 'utf8').then(
    (text) => text.trim(),
    () => '',
  );

export async function readMachineInfo(diskPath: string): Promise<MachineInfo> {
  const [memory, machineID, systemUUID, bootID, release, appArmor, disk] = await Promise.all([
    read('/proc/meminfo'),
    read('/etc/machine-id'),
    read('/sys/class/dmi/id/product_uuid'),
    read('/proc/sys/kernel/random/boot_id'),
    read('/etc/os-release'),
    read('/sys/module/apparmor/parameters/enabled'),
    statfs(diskPath).catch(() => undefined),
  ]);
  return {
    cpus: os.availableParallelism(),
    memoryBytes: Number(/MemTotal:\s+(\d+)/.exec(memory)?.[1] ?? 0) * 1024,
    diskBytes: disk ? disk.blocks * disk.bsize : 0,
    machineID,
    systemUUID: systemUUID || machineID,
    bootID,
    kernelVersion: os.release(),
    osImage: /^PRETTY_NAME="?([^"\n]*)"?/m.exec(release)?.[1] ?? 'Linux',
    architecture: { x64: 'amd64', ia32: '386' }[process.arch as string] ?? process.arch,
    appArmor: appArmor.startsWith('Y'),
  };
}
