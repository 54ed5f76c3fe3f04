import { pino } from 'pino';
import type { Pod } from '../../../api/core/v1/pod';
import type { Stored } from '../../../api/meta/types';
import type { Informer } from '../../../client/informer';
import type { RestClient } from '../../../client/rest-client';
import { mirrorPodOf, staticPodOf } from '../../../kubelet/config/static-pods';
import { createMirrorPods, podKeyOf } from '../../../kubelet/mirror-pods';
import { createFakeClock } from '../../support/fake-clock';

const manifest = (image: string): Pod => ({
  metadata: { name: 'still' },
  spec: { containers: [{ name: 'main', image }] },
});
const staticPod = (image = 'a'): Pod => staticPodOf(manifest(image), '/manifests/still.yaml', 'n', '2026-01-01');

function setUp() {
  const stored = new Map<string, Stored<Pod>>();
  const calls: string[] = [];
  const clock = createFakeClock();
  let own: Pod[] = [staticPod()];
  const client: Partial<RestClient> = {
    create: (async (_kind: unknown, pod: Pod) => {
      calls.push(`create ${podKeyOf(pod)}`);
      stored.set(podKeyOf(pod), { ...pod, metadata: { ...pod.metadata, uid: `u${calls.length}` } } as Stored<Pod>);
    }) as never,
    async delete(_kind: unknown, name: string, namespace?: string, options?: object) {
      calls.push(`delete ${namespace}/${name} ${JSON.stringify(options)}`);
      stored.delete(`${namespace}/${name}`);
    },
  };
  const informer = { lister: { get: (key: string) => stored.get(key), list: () => [...stored.values()] } };
  const mirrors = createMirrorPods({
    informer: informer as unknown as Informer<Pod>,
    client: client as RestClient,
    clock,
    log: pino({ level: 'silent' }),
    nodeUid: () => 'node-uid',
    staticPods: () => own,
  });
  return { calls, clock, mirrors, stored, setStatic: (pods: Pod[]) => void (own = pods) };
}

it('makes the missing mirror once', async () => {
  const { mirrors, calls } = setUp();
  await mirrors.sync();
  await mirrors.sync();
  expect(calls).toEqual(['create default/still-n']);
});

it('replaces a mirror of another manifest, and removes one without', async () => {
  const { mirrors, calls, setStatic } = setUp();
  await mirrors.sync();
  setStatic([staticPod('b')]);
  await mirrors.sync();
  setStatic([]);
  await mirrors.sync();
  const options = (uid: string): string => JSON.stringify({ gracePeriodSeconds: 0, preconditions: { uid } });
  expect(calls).toEqual([
    'create default/still-n',
    `delete default/still-n ${options('u1')}`,
    'create default/still-n',
    `delete default/still-n ${options('u3')}`,
  ]);
});

it('makes a deleted mirror again after a second, not before its deletion was seen by others', async () => {
  const { mirrors, calls, clock, stored } = setUp();
  stored.clear();
  mirrors.deleted(mirrorPodOf(staticPod(), 'node-uid'));
  await mirrors.sync();
  await clock.advance(999);
  expect(calls).toEqual([]);
  await clock.advance(1);
  expect(calls).toEqual(['create default/still-n']);
});
