/**
 * The state directory as a mount whose sub-mounts travel between host and containers: what the kubelet mounts inside its
 * container (memory-backed volumes) must be there when the engine, outside, starts the pod's containers.
 */
import { readFile } from 'node:fs/promises';
import { run } from '../../component-base/run-command';

interface MountPoint {
  path: string;
  shared: boolean;
}

/** The mount that a path lies on, by the lines of /proc/self/mountinfo; of mounts on one place the last is on top. */
export function mountOf(path: string, mountinfo: string): MountPoint {
  let found: MountPoint = { path: '/', shared: false };
  for (const line of mountinfo.split('\n')) {
    const fields = line.split(' ');
    const target = fields[4]?.replaceAll(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
    if (target === undefined) continue;
    const holds = target === '/' || target === path || path.startsWith(`${target}/`);
    if (!holds || target.length < found.path.length) continue;
    const optional = fields.slice(6, fields.indexOf('-'));
    found = { path: target, shared: optional.some((field) => field.startsWith('shared:')) };
  }
  return found;
}

const currentMount = async (path: string): Promise<MountPoint> =>
  mountOf(path, await readFile('/proc/self/mountinfo', 'utf8'));

/** Where systemd runs every mount is shared already; elsewhere the folder becomes a shared mount of its own. */
export async function ensureShared(folder: string): Promise<void> {
  const mount = await currentMount(folder);
  if (mount.shared) return;
  if (mount.path !== folder) await run('mount', ['--bind', folder, folder]);
  await run('mount', ['--make-shared', folder]);
}

/** Undoes what `ensureShared` did. */
export async function removeShared(folder: string): Promise<void> {
  if ((await currentMount(folder)).path === folder) await run('umount', [folder]);
}
