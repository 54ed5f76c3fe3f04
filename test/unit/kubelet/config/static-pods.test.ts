import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import type { Pod } from '../../../../api/core/v1/pod';
import { systemClock } from '../../../../component-base/clock';
import {
  createStaticPodSource,
  isMirrorPod,
  isStaticPod,
  mirrorPodOf,
  staticPodOf,
} from '../../../../kubelet/config/static-pods';

const manifest: Pod = {
  kind: 'Pod',
  metadata: { name: 'etcd' },
  spec: { containers: [{ name: 'etcd', image: 'etcd:1' }] },
};

describe('a static pod', () => {
  it('is named for its node, tolerates everything that evicts, and changes its uid with its content', () => {
    const pod = staticPodOf(manifest, '/m/etcd.yaml', 'n1', 'now');
    expect(pod.metadata).toMatchObject({ name: 'etcd-n1', namespace: 'default' });
    expect(pod.spec).toMatchObject({ nodeName: 'n1', restartPolicy: 'Always' });
    expect(pod.spec?.tolerations).toContainEqual({ operator: 'Exists', effect: 'NoExecute' });
    expect(isStaticPod(pod)).toBe(true);
    expect(staticPodOf(manifest, '/m/etcd.yaml', 'n1', 'later').metadata?.uid).toBe(pod.metadata?.uid);
    const other = { ...manifest, spec: { containers: [{ name: 'etcd', image: 'etcd:2' }] } };
    expect(staticPodOf(other, '/m/etcd.yaml', 'n1', 'now').metadata?.uid).not.toBe(pod.metadata?.uid);
  });

  it('is mirrored by an object that the node owns', () => {
    const mirror = mirrorPodOf(staticPodOf(manifest, '/m/etcd.yaml', 'n1', 'now'), 'node-uid');
    expect(isMirrorPod(mirror)).toBe(true);
    expect(mirror.metadata?.uid).toBeUndefined();
    expect(mirror.metadata?.ownerReferences).toEqual([
      { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'node-uid', controller: true },
    ]);
  });
});

it('follows the manifests of a folder', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'static-'));
  const stop = new AbortController();
  const seen: string[][] = [];
  let changed = (): void => undefined;
  const next = (): Promise<void> => new Promise((resolve) => (changed = resolve));
  const source = createStaticPodSource({
    folder,
    nodeName: 'n1',
    clock: systemClock,
    log: pino({ level: 'silent' }),
    onChange(pods) {
      seen.push(pods.map(({ metadata }) => metadata?.name ?? ''));
      changed();
    },
  });
  const first = next();
  await writeFile(path.join(folder, 'a.yaml'), JSON.stringify(manifest));
  await writeFile(path.join(folder, 'broken.yaml'), 'a: [');
  const running = source.run(stop.signal);
  await first;
  // As somebody who writes it anew leaves it for a moment.
  await writeFile(path.join(folder, 'a.yaml'), JSON.stringify(manifest).slice(0, -5));
  const second = next();
  await writeFile(path.join(folder, 'b.yaml'), JSON.stringify({ ...manifest, metadata: { name: 'other' } }));
  await second;
  const third = next();
  await rm(path.join(folder, 'a.yaml'));
  await rm(path.join(folder, 'b.yaml'));
  await third;
  expect(seen.slice(0, 2)).toEqual([['etcd-n1'], ['etcd-n1', 'other-n1']]);
  stop.abort();
  await running;
  await rm(folder, { recursive: true });
});

it('keeps what it knows while the folder cannot be read', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'static-'));
  await writeFile(path.join(folder, 'a.yaml'), JSON.stringify(manifest));
  const stop = new AbortController();
  const warnings: unknown[] = [];
  let looked = (): void => undefined;
  const source = createStaticPodSource({
    folder,
    nodeName: 'n1',
    // The second look finds a file where the folder was.
    clock: {
      ...systemClock,
      async sleep() {
        if (warnings.length === 0) {
          await rm(folder, { recursive: true, force: true });
          await writeFile(folder, '');
        } else {
          stop.abort();
          looked();
        }
      },
    },
    log: { ...pino({ level: 'silent' }), warn: (fields: unknown) => void warnings.push(fields) } as never,
    onChange: () => undefined,
  });
  const done = new Promise<void>((resolve) => (looked = resolve));
  await Promise.all([source.run(stop.signal), done]);
  expect(source.current().map(({ metadata }) => metadata?.name)).toEqual(['etcd-n1']);
  expect(warnings).toHaveLength(1);
  await rm(folder, { force: true });
});
