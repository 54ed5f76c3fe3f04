import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildIdOf } from '../../../deploy/build-id';

it('changes with the code and with the packages, and with nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kubelab-build-'));
  try {
    await mkdir(join(folder, 'dist'));
    await writeFile(join(folder, 'package-lock.json'), 'packages');
    const ids = [buildIdOf(folder)];
    await writeFile(join(folder, 'dist/.tsbuildinfo'), 'code');
    ids.push(buildIdOf(folder));
    await writeFile(join(folder, 'package-lock.json'), 'other packages');
    ids.push(buildIdOf(folder));
    expect(new Set(ids).size).toBe(3);
    await writeFile(join(folder, 'README.md'), 'text');
    expect(buildIdOf(folder)).toBe(ids[2]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
