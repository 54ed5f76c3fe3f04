/** Volumes with real mounts: what a removed pod had mounted goes, and nothing is deleted through it. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { Pod } from '../../../api/core/v1/pod';
import { run } from '../../../component-base/run-command';
import { mountsBelow, unmountBelow } from '../../../component-base/mounts';
import { createVolumeManager } from '../../../kubelet/volumes/volume-manager';
import { createFakeClock } from '../../support/fake-clock';
import { until } from '../../support/until';

let rootDir = '';
const clock = createFakeClock();

beforeEach(async () => {
  rootDir = await mkdtemp(path.join(tmpdir(), 'kubelab-mounts-'));
});
afterEach(async () => {
  await unmountBelow(rootDir);
  await rm(rootDir, { recursive: true });
});

const newManager = () => createVolumeManager({ rootDir, clock, log: pino({ level: 'silent' }) });

it('leaves no mount under way when another volume of the pod fails', async () => {
  const volumes = newManager();
  const pod: Pod = {
    metadata: { uid: 'one' },
    spec: {
      containers: [],
      volumes: [
        { name: 'missing', configMap: { name: 'missing' } },
        ...[1, 2, 3].map((number) => ({ name: `m${number}`, emptyDir: { medium: 'Memory' } })),
      ],
    },
  };
  const sources = { configMap: () => Promise.reject(new Error('the pod is being terminated')) };
  await expect(volumes.setUp(pod, sources as never)).rejects.toThrow('the pod is being terminated');
  await expect(mountsBelow(rootDir)).resolves.toHaveLength(3);
  await volumes.cleanUp('one');
  await expect(mountsBelow(rootDir)).resolves.toEqual([]);
});

it('unmounts what an earlier process left in the folder of a removed pod, and does not delete what was mounted', async () => {
  const host = path.join(rootDir, 'host');
  const removed = path.join(rootDir, 'removed-pods');
  const target = path.join(removed, 'one', 'volume-subpaths', 'data', 'main', '0');
  await mkdir(host);
  await writeFile(path.join(host, 'file'), 'of the host');
  await mkdir(target, { recursive: true });
  await mkdir(path.join(removed, 'two'));
  await run('mount', ['--bind', host, target]);

  newManager().deleteRemoved();
  await clock.advance(1_000);
  await until('the files to be deleted', async () => (await readdir(removed)).length === 0);
  await expect(readFile(path.join(host, 'file'), 'utf8')).resolves.toBe('of the host');
});
