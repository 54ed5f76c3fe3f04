/**
 * Writes a set of files so that readers see all old or all new ones: a fresh timestamped folder, then one rename of the `..data`
 * link, then the visible links. The layout is upstream's (pkg/volume/util/atomic_writer.go), which programs rely on.
 */
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';

export interface ProjectedFile {
  data: Buffer;
  mode: number;
  /** The owner, for tokens of pods that run as one user. */
  uid?: number;
}

export type Payload = ReadonlyMap<string, ProjectedFile>;

const dataLink = '..data';
const newDataLink = '..data_tmp';

/** True when something changed. `gid` gives everything to the pod's fsGroup. */
export async function writePayload(folder: string, payload: Payload, gid: number | undefined): Promise<boolean> {
  const oldFolder = await readlink(path.join(folder, dataLink)).catch(() => undefined);
  if (oldFolder && (await isSame(path.join(folder, oldFolder), payload))) {
    // Whoever wrote it may have been killed before the last step.
    await linkVisible(folder, payload);
    return false;
  }

  const stamp = new Date().toISOString().slice(0, 19).replaceAll(/[-T:]/g, '_');
  const fresh = await mkdtemp(path.join(folder, `..${stamp}.`));
  await chmod(fresh, gid === undefined ? 0o755 : 0o2755);
  if (gid !== undefined) await chown(fresh, 0, gid);
  for (const [name, { data, mode, uid }] of payload) {
    const file = path.join(fresh, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, data);
    await chmod(file, gid === undefined ? mode : mode | 0o440);
    if (gid !== undefined || uid !== undefined) await chown(file, uid ?? 0, gid ?? 0);
  }
  await rm(path.join(folder, newDataLink), { force: true });
  await symlink(path.basename(fresh), path.join(folder, newDataLink));
  await rename(path.join(folder, newDataLink), path.join(folder, dataLink));
  await linkVisible(folder, payload);
  if (oldFolder) await rm(path.join(folder, oldFolder), { recursive: true, force: true });
  return true;
}

/** Links the first component of every path, and removes links of what is gone. */
async function linkVisible(folder: string, payload: Payload): Promise<void> {
  const wanted = new Set([...payload.keys()].map((name) => name.split('/')[0] ?? name));
  for (const name of await readdir(folder)) {
    if (!name.startsWith('..') && !wanted.has(name)) await unlink(path.join(folder, name));
  }
  for (const name of wanted) {
    const link = path.join(folder, name);
    if (
      await lstat(link).then(
        () => true,
        () => false,
      )
    )
      continue;
    await symlink(path.join(dataLink, name), link);
  }
}

async function isSame(folder: string, payload: Payload): Promise<boolean> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => undefined);
  const files = names?.filter((entry) => entry.isFile());
  if (files?.length !== payload.size) return false;
  for (const [name, { data }] of payload) {
    const current = await readFile(path.join(folder, name)).catch(() => undefined);
    if (!current?.equals(data)) return false;
  }
  return true;
}
