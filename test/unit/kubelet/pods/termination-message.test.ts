import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { terminationLogFile, terminationMessageOf } from '../../../../kubelet/pods/termination-message';
import { labels } from '../../../../kubelet/runtime/labels';
import { exited, instance } from './pod-fixtures';

describe('a termination message', () => {
  let podDir = '';
  beforeEach(async () => {
    podDir = await mkdtemp(path.join(tmpdir(), 'kubelab-message-'));
  });
  afterEach(() => rm(podDir, { recursive: true }));

  const log = async (): Promise<Readable> => Readable.from([Buffer.from('x'.repeat(3000)), Buffer.from('the end\n')]);
  const noLog = (): Promise<Readable> => Promise.reject(new Error('nobody asks for it'));
  const withPolicy = (exitCode: number, policy: string) => {
    const status = instance('app', exited(exitCode));
    return { ...status, labels: { ...status.labels, [labels.terminationMessagePolicy]: policy } };
  };
  const write = async (text: string): Promise<void> => {
    const file = terminationLogFile(podDir, 'app', 0);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  };

  it('is the end of the file, 4 KiB at most', async () => {
    await write(`${'a'.repeat(5000)}last words`);
    const text = await terminationMessageOf(withPolicy(1, 'File'), podDir, noLog);
    expect(text).toHaveLength(4096);
    expect(text.endsWith('alast words')).toBe(true);
  });

  it('is empty without a file', async () => {
    expect(await terminationMessageOf(withPolicy(1, 'File'), podDir, noLog)).toBe('');
  });

  it('is by policy the end of the log, 2 KiB at most, of a container that failed without a word', async () => {
    await write('');
    const text = await terminationMessageOf(withPolicy(1, 'FallbackToLogsOnError'), podDir, log);
    expect(text).toHaveLength(2048);
    expect(text.endsWith('xthe end\n')).toBe(true);
    expect(await terminationMessageOf(withPolicy(0, 'FallbackToLogsOnError'), podDir, noLog)).toBe('');
    await write('why');
    expect(await terminationMessageOf(withPolicy(1, 'FallbackToLogsOnError'), podDir, noLog)).toBe('why');
  });
});
