/** What files take of a disk, as `du` counts it. */
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

export interface DiskUsage {
  bytes: number;
  inodes: number;
}

export const sumOf = (list: readonly DiskUsage[]): DiskUsage => ({
  bytes: list.reduce((sum, { bytes }) => sum + bytes, 0),
  inodes: list.reduce((sum, { inodes }) => sum + inodes, 0),
});

/** The folder with all below it on the same disk, or the file; what goes meanwhile or cannot be read counts nothing. */
export async function diskUsageOf(root: string): Promise<DiskUsage> {
  const top = await lstat(root).catch(() => undefined);
  if (!top) return { bytes: 0, inodes: 0 };
  const linked = new Set<number>();
  const total = { bytes: 0, inodes: 0 };
  const pending = [root];
  for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
    const stat = await lstat(entry).catch(() => undefined);
    if (!stat || stat.dev !== top.dev || linked.has(stat.ino)) continue;
    if (!stat.isDirectory() && stat.nlink > 1) linked.add(stat.ino);
    total.bytes += stat.blocks * 512;
    total.inodes += 1;
    if (!stat.isDirectory()) continue;
    const folder = entry;
    // One by one: there may be more than a call takes arguments.
    for (const name of await readdir(folder).catch(() => [])) pending.push(path.join(folder, name));
  }
  return total;
}
