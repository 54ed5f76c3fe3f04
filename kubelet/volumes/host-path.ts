/** hostPath volumes: what `type` demands of the path, with upstream's messages. */
import { mkdir, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { VolumeError } from './payloads';

export async function ensureHostPath(hostPath: string, type = ''): Promise<void> {
  if (type === '') {
    // The engine would make a folder for a missing source anyway; upstream's runtimes do the same.
    return;
  }
  const found = await stat(hostPath).catch(() => undefined);
  if (type === 'DirectoryOrCreate' && !found) {
    await mkdir(hostPath, { recursive: true, mode: 0o755 });
    return;
  }
  if (type === 'FileOrCreate' && !found) {
    const parent = await stat(path.dirname(hostPath)).catch(() => undefined);
    if (!parent) throw new VolumeError(`hostPath type check failed: ${hostPath} is not a file`);
    await (await open(hostPath, 'a', 0o644)).close();
    return;
  }
  const checks: Record<string, [boolean | undefined, string]> = {
    Directory: [found?.isDirectory(), 'a directory'],
    DirectoryOrCreate: [found?.isDirectory(), 'a directory'],
    File: [found?.isFile(), 'a file'],
    FileOrCreate: [found?.isFile(), 'a file'],
    Socket: [found?.isSocket(), 'a socket file'],
    CharDevice: [found?.isCharacterDevice(), 'a character device'],
    BlockDevice: [found?.isBlockDevice(), 'a block device'],
  };
  const check = checks[type];
  if (!check) throw new VolumeError(`${type} is an invalid volume type`);
  if (!check[0]) throw new VolumeError(`hostPath type check failed: ${hostPath} is not ${check[1]}`);
}
