/**
 * Sub-paths of volumes. The pod's other containers may change the volume meanwhile, so that a link can appear anywhere: what
 * is checked must be what is mounted. Each step is opened from the one before without following links, and the open file
 * itself is bound below the pod's folder, for the container to mount (upstream: `pkg/volume/util/subpath/subpath_linux.go`).
 */
import { constants } from 'node:fs';
import { chmod, type FileHandle, mkdir, open, realpath, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from '../../component-base/run-command';
import { mountsBelow } from '../../component-base/mounts';
import { VolumeError } from './payloads';

/** O_PATH, which Node does not name. */
const openPath = 0o10_000_000;

const linkTo = ({ fd }: FileHandle): string => `/proc/${process.pid}/fd/${fd}`;

/**
 * Gives the host path to mount for `subPath` of the volume at `volumeRoot`: `target`, where it is bound now. Missing folders
 * are made with the volume's mode. A bind that is there already and still the right one stays. Throws VolumeError for a path
 * that leads out of the volume.
 */
export async function bindSubPath(volumeRoot: string, subPath: string, target: string): Promise<string> {
  if (path.isAbsolute(subPath) || subPath.split('/').includes('..')) {
    throw new VolumeError(`subPath "${subPath}" must be a relative path inside the volume`);
  }
  const root = await realpath(volumeRoot);
  const wanted = await resolveExisting(path.join(root, subPath));
  if (wanted !== root && !wanted.startsWith(`${root}/`)) {
    throw new VolumeError(`subPath "${subPath}" is outside of volume path ${volumeRoot}`);
  }
  const source = await openBelow(root, path.relative(root, wanted).split('/').filter(Boolean));
  try {
    const found = await source.stat();
    if ((await mountsBelow(target)).includes(target)) {
      const bound = await stat(target).catch(() => undefined);
      if (bound?.ino === found.ino && bound.dev === found.dev) return target;
      await run('umount', [target]);
    }
    if (found.isDirectory()) {
      await mkdir(target, { recursive: true, mode: 0o750 });
    } else {
      await mkdir(path.dirname(target), { recursive: true, mode: 0o750 });
      await writeFile(target, '', { mode: 0o640, flag: 'a' });
    }
    // Made canonical, the source would be a path again, to be walked anew.
    await run('mount', ['--no-canonicalize', '--bind', linkTo(source), target]);
    return target;
  } finally {
    await source.close();
  }
}

/** The path without links, as far as it exists. */
async function resolveExisting(wanted: string): Promise<string> {
  try {
    return await realpath(wanted);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return path.join(await resolveExisting(path.dirname(wanted)), path.basename(wanted));
  }
}

async function openBelow(root: string, steps: string[]): Promise<FileHandle> {
  const { mode } = await stat(root);
  let current = await open(root, openPath | constants.O_DIRECTORY);
  for (const step of steps) {
    try {
      const next = await openStep(current, step, mode & 0o7777);
      await current.close();
      current = next;
    } catch (error) {
      await current.close();
      throw error;
    }
  }
  return current;
}

/** A missing one becomes a folder; its group comes from the folder it is in, which has the group bit under an fsGroup. */
async function openStep(folder: FileHandle, name: string, mode: number): Promise<FileHandle> {
  const at = `${linkTo(folder)}/${name}`;
  const flags = openPath | constants.O_NOFOLLOW;
  const opened = await open(at, flags).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    await mkdir(at);
    const made = await open(at, flags);
    if ((await made.stat()).isDirectory()) await chmod(linkTo(made), mode);
    return made;
  });
  if (!(await opened.stat()).isSymbolicLink()) return opened;
  await opened.close();
  throw new VolumeError(`subPath leads through the link "${name}", which appeared meanwhile`);
}
