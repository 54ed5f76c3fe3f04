import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Pod } from '../../../../api/core/v1/pod';
import { containerMounts, createVolumeManager } from '../../../../kubelet/volumes/volume-manager';
import { createFakeClock } from '../../../support/fake-clock';
import { until } from '../../../support/until';

const pod: Pod = {
  metadata: { uid: 'one' },
  spec: { containers: [], volumes: [{ name: 'cm', configMap: { name: 'a' } }] },
};
const sources = { configMap: async () => ({ data: { key: 'value' } }) };

describe("a removed pod's files", () => {
  let rootDir = '';
  beforeEach(async () => {
    rootDir = await mkdtemp(join(tmpdir(), 'kubelab-volumes-'));
  });
  afterEach(() => rm(rootDir, { recursive: true }));

  it('are out of the way at once and deleted in a moment, unlike those of a pod of the same UID that came meanwhile', async () => {
    const clock = createFakeClock();
    const volumes = createVolumeManager({ rootDir, clock, log: pino({ level: 'silent' }) });
    await volumes.setUp(pod, sources as never);
    await volumes.cleanUp('one');
    await expect(volumes.podsOnDisk()).resolves.toEqual([]);
    await expect(readdir(join(rootDir, 'removed-pods'))).resolves.toHaveLength(1);
    const mounted = await volumes.setUp(pod, sources as never);
    await clock.advance(1_000);
    await until('the files to be deleted', async () => (await readdir(join(rootDir, 'removed-pods'))).length === 0);
    await expect(readFile(join(mounted.get('cm')?.hostPath ?? '', 'key'), 'utf8')).resolves.toBe('value');
  });

  it('need not exist', async () => {
    const volumes = createVolumeManager({ rootDir, clock: createFakeClock(), log: pino({ level: 'silent' }) });
    await expect(volumes.cleanUp('other')).resolves.toBeUndefined();
  });
});

it('mounts no sub-path that is named after what is not there', async () => {
  const volumes = new Map([['v', { hostPath: '/v', readOnly: false }]]);
  const mount = { name: 'v', mountPath: '/m', subPathExpr: 'a/$(B)/$(A)/$(B)' };
  const mounts = containerMounts({ name: 'app', volumeMounts: [mount] }, volumes, '/pod', new Map([['A', '']]));
  await expect(mounts).rejects.toThrow('missing value for A, B');
});
