import { lstat, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Payload, writePayload } from '../../../../kubelet/volumes/atomic-writer';

const payload = (files: Record<string, string>): Payload =>
  new Map(Object.entries(files).map(([name, text]) => [name, { data: Buffer.from(text), mode: 0o640 }]));

describe('writePayload', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'atomic-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('links visible names through one data link', async () => {
    expect(await writePayload(folder, payload({ a: '1', 'deep/b': '2' }), undefined)).toBe(true);
    expect(await readlink(path.join(folder, 'a'))).toBe('..data/a');
    expect(await readlink(path.join(folder, 'deep'))).toBe('..data/deep');
    expect(await readFile(path.join(folder, 'deep/b'), 'utf8')).toBe('2');
    expect((await lstat(await realFile('a'))).mode & 0o777).toBe(0o640);
  });

  it('swaps all files at once, and removes what is gone', async () => {
    await writePayload(folder, payload({ a: '1', b: '1' }), undefined);
    const before = await readlink(path.join(folder, '..data'));
    expect(await writePayload(folder, payload({ a: '1', b: '1' }), undefined)).toBe(false);
    expect(await writePayload(folder, payload({ a: '2', c: '3' }), undefined)).toBe(true);
    expect(await readlink(path.join(folder, '..data'))).not.toBe(before);
    const visible = (await readdir(folder)).filter((name) => !name.startsWith('..'));
    expect(visible.sort()).toEqual(['a', 'c']);
    expect((await readdir(folder)).filter((name) => name.startsWith('..2'))).toHaveLength(1);
  });

  it('makes the links that a killed writer did not come to', async () => {
    await writePayload(folder, payload({ a: '1' }), undefined);
    await rm(path.join(folder, 'a'));
    expect(await writePayload(folder, payload({ a: '1' }), undefined)).toBe(false);
    expect(await readFile(path.join(folder, 'a'), 'utf8')).toBe('1');
  });

  async function realFile(name: string): Promise<string> {
    return path.join(folder, await readlink(path.join(folder, '..data')), name);
  }
});
