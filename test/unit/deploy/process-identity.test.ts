import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyAlive, identify, readRecord, writeRecord } from '../../../deploy/supervisor/process-identity';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'kubelab-test-'))));
afterEach(() => rm(folder, { recursive: true }));

describe('records of processes', () => {
  it('count while their process lives, and no longer', async () => {
    const child = spawn('sleep', ['60']);
    const record = join(folder, 'etcd.pid');
    await writeRecord(record, identify(child.pid!)!);
    expect(await readRecord(record)).toMatchObject({ pid: child.pid });
    expect(await anyAlive(folder)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await readRecord(record)).toBeUndefined();
    expect(await anyAlive(folder)).toBe(false);
  });

  it('do not count when another process has the pid now', async () => {
    await writeRecord(join(folder, 'etcd.pid'), { ...identify(process.pid)!, startTime: '1' });
    await writeFile(join(folder, 'supervisor.sock'), '');
    expect(await anyAlive(folder)).toBe(false);
  });
});
