import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { diskUsageOf, sumOf } from '../../../../kubelet/stats/disk-usage';

describe('disk usage', () => {
  let root = '';
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'kubelab-usage-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('counts files, folders and links below a folder, what has two names once', async () => {
    await mkdir(path.join(root, 'a/b'), { recursive: true });
    await writeFile(path.join(root, 'a/b/file'), Buffer.alloc(100_000, 1));
    await link(path.join(root, 'a/b/file'), path.join(root, 'a/same'));
    await symlink('/usr', path.join(root, 'usr'));
    const { bytes, inodes } = await diskUsageOf(root);
    expect(inodes).toBe(5);
    expect(bytes).toBeGreaterThanOrEqual(100_000);
    expect(bytes).toBeLessThan(200_000);
  });

  it('is nothing for what is not there', async () => {
    expect(await diskUsageOf(path.join(root, 'none'))).toEqual({ bytes: 0, inodes: 0 });
  });

  it('is added up', () => {
    expect(sumOf([])).toEqual({ bytes: 0, inodes: 0 });
    expect(
      sumOf([
        { bytes: 1, inodes: 2 },
        { bytes: 3, inodes: 4 },
      ]),
    ).toEqual({ bytes: 4, inodes: 6 });
  });
});
