import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServingTls, readPem, watchFiles } from '../../../component-base/tls';

const folder = mkdtempSync(join(tmpdir(), 'kubelab-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('watchFiles', () => {
  it('tells of a file that is replaced by renaming, and not of other files', async () => {
    const path = join(folder, 'cert.pem');
    writeFileSync(path, 'one');
    let calls = 0;
    let seen: () => void = () => {};
    const changed = new Promise<void>((resolve) => (seen = resolve));
    const stop = watchFiles([path], () => {
      calls += 1;
      seen();
    });
    writeFileSync(join(folder, 'other'), 'noise');
    writeFileSync(join(folder, 'new'), 'two');
    renameSync(join(folder, 'new'), path);
    await changed;
    stop();
    expect(calls).toBe(1);
  });
});

describe('readPem', () => {
  it('names the file and the reason', () => {
    expect(() => readPem('/nowhere/ca.crt', 'client CA')).toThrow('cannot read client CA /nowhere/ca.crt: ENOENT');
  });
});

describe('createServingTls', () => {
  it('refuses what is no certificate in one sentence', () => {
    const file = join(folder, 'junk.pem');
    writeFileSync(file, 'junk');
    expect(() => createServingTls({ certFile: file, keyFile: file })).toThrow(
      /^certificate .*junk\.pem and key .* cannot be used/,
    );
  });
});
