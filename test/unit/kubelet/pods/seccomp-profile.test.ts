import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readSeccompProfile, SeccompError } from '../../../../kubelet/pods/seccomp-profile';
import { container, podOf } from './pod-fixtures';

describe('a seccomp profile', () => {
  let root = '';
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'kubelab-seccomp-'));
    await writeFile(path.join(root, 'mine.json'), '{}');
  });
  afterEach(() => rm(root, { recursive: true }));

  const read = (type: string, localhostProfile?: string) =>
    readSeccompProfile(
      root,
      podOf({ securityContext: { seccompProfile: { type, ...(localhostProfile && { localhostProfile }) } } }),
      container('app'),
    );

  it('is read from the node only when it is asked for', async () => {
    expect(await read('Localhost', 'mine.json')).toBe('{}');
    expect(await read('RuntimeDefault')).toBeUndefined();
    expect(await readSeccompProfile(root, podOf({}), container('app'))).toBeUndefined();
  });

  it('is missed in the words of the container runtimes', async () => {
    const file = path.join(root, 'none.json');
    await expect(read('Localhost', 'none.json')).rejects.toEqual(
      new SeccompError(
        `failed to generate security options for container "app": cannot load seccomp profile "${file}": open ${file}: no such file or directory`,
      ),
    );
  });
});
