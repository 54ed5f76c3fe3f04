import { readFileSync } from 'node:fs';

/**
 * SIGKILL to a container's first process, by its PID on this host. False when that is no longer the container's: PIDs come
 * back, so its control groups, which are named after the container, are looked at right before.
 */
export function killProcess(pid: number, containerId: string): boolean {
  try {
    if (!readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(containerId)) return false;
    return process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
    return false;
  }
}
