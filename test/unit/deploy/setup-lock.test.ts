import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withSetupLock } from '../../../deploy/setup-lock';

let root: string;
beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'kubelab-test-'))));
afterEach(() => rm(root, { recursive: true }));

describe('withSetupLock', () => {
  it('lets one command work at a time, and leaves nothing behind', async () => {
    let working = 0;
    let most = 0;
    const command = (): Promise<string> =>
      withSetupLock({ root }, async () => {
        most = Math.max(most, ++working);
        await new Promise((resolve) => setImmediate(resolve));
        working -= 1;
        return 'done';
      });
    await withSetupLock({ root }, async () => {
      await expect(command()).rejects.toThrow(`Another command (pid ${process.pid}) is at work on this cluster.`);
    });
    expect(await command()).toBe('done');
    expect(most).toBe(1);
    expect(await readdir(root)).toEqual([]);
  });

  it('gives the lock back when the work fails', async () => {
    const failing = withSetupLock({ root }, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await readdir(root)).toEqual([]);
  });

  it.each([
    ['a command that was killed', JSON.stringify({ pid: process.pid, startTime: '1' })],
    ['a write that was cut off', ''],
  ])('takes over the lock of %s', async (_what, content) => {
    await writeFile(join(root, 'setup.lock'), content);
    expect(await withSetupLock({ root }, async () => 'done')).toBe('done');
  });
});
