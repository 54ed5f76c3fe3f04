import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unmountBelow } from '../../../../component-base/mounts';
import { bindSubPath } from '../../../../kubelet/volumes/sub-path';

const itAsRoot = process.getuid?.() === 0 ? it : it.skip;

describe('bindSubPath', () => {
  let work = '';
  let volume = '';
  let target = '';
  beforeEach(async () => {
    work = await mkdtemp(join(tmpdir(), 'kubelab-sub-path-'));
    volume = join(work, 'volume');
    target = join(work, 'bound/0');
    await mkdir(volume);
  });
  afterEach(async () => {
    await unmountBelow(work);
    await rm(work, { recursive: true });
  });

  itAsRoot('makes missing folders with the mode of the volume', async () => {
    await chmod(volume, 0o2777);
    expect(await bindSubPath(volume, 'deep/er', target)).toBe(target);
    await writeFile(join(target, 'file'), 'text');
    expect(await readFile(join(volume, 'deep/er/file'), 'utf8')).toBe('text');
    for (const path of ['deep', 'deep/er']) expect((await stat(join(volume, path))).mode & 0o7777).toBe(0o2777);
  });

  itAsRoot('binds a file behind links inside the volume, and follows a change at the next start', async () => {
    await mkdir(join(volume, '..one'));
    await writeFile(join(volume, '..one/key'), 'one');
    await symlink('..one', join(volume, '..data'));
    await symlink('..data/key', join(volume, 'key'));
    await bindSubPath(volume, 'key', target);
    await bindSubPath(volume, 'key', target);
    expect(await readFile(target, 'utf8')).toBe('one');
    await rm(join(volume, 'key'));
    await writeFile(join(volume, 'key'), 'two');
    await bindSubPath(volume, 'key', target);
    expect(await readFile(target, 'utf8')).toBe('two');
  });

  it.each(['..', '../x', '/etc'])('refuses %s', async (subPath) => {
    await expect(bindSubPath(volume, subPath, target)).rejects.toThrow('must be a relative path inside the volume');
  });

  it('refuses a link out of the volume, and makes nothing behind one', async () => {
    await symlink('/etc', join(volume, 'out'));
    await expect(bindSubPath(volume, 'out/passwd', target)).rejects.toThrow('is outside of volume path');
    await symlink(join(work, 'elsewhere'), join(volume, 'dangling'));
    await expect(bindSubPath(volume, 'dangling/x', target)).rejects.toThrow('leads through the link "dangling"');
    await expect(stat(join(work, 'elsewhere'))).rejects.toThrow('ENOENT');
  });
});
