import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import {
  shortenMessages,
  terminationLogFile,
  terminationMessageOf,
} from '../../../../kubelet/pods/termination-message';
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

  it('is cut so that all containers of a pod together have 12 KiB', () => {
    const ended = (message: string) => ({ terminated: { exitCode: 1, message } });
    const status = { name: 'app', image: '', imageID: '', ready: false, restartCount: 1 };
    const message = 'x'.repeat(4096);
    const cut = (containers: number, text = message) =>
      shortenMessages({ ...status, state: ended(text), lastState: ended(text) }, containers);
    expect(cut(3)).toEqual({ ...status, state: ended(message), lastState: ended(message) });
    expect(cut(48)).toEqual({ ...status, state: ended('x'.repeat(256)), lastState: ended('x'.repeat(256)) });
    expect(cut(12 * 1024, 'é').state).toEqual(ended(''));
    expect(shortenMessages({ ...status, state: { running: {} } }, 48).state).toEqual({ running: {} });
  });
});
