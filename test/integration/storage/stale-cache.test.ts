/** Reads and writes that begin with a cache which has not heard of the latest state: etcd has the last word. */
import { systemClock } from '../../../component-base/clock';
import type { StorageBackend } from '../../../apiserver/storage/backend';
import { createCodec } from '../../../apiserver/storage/cached-object';
import { Etcd } from '../../../apiserver/storage/etcd';
import { defaultWindowLimits } from '../../../apiserver/storage/event-window';
import { resourcePrefix } from '../../../apiserver/storage/keys';
import { createLeaseManager } from '../../../apiserver/storage/lease-manager';
import { createObjectWriter } from '../../../apiserver/storage/object-writer';
import { ResourceCache } from '../../../apiserver/storage/resource-cache';
import { startEtcd, type TestEtcd } from '../../support/etcd';
import { createTestBackend, eventually, type Widget, widget, widgets } from './widgets';

let etcd: TestEtcd;
let client: Etcd;
let other: StorageBackend;

beforeAll(async () => {
  etcd = await startEtcd();
  client = new Etcd({ endpoints: etcd.endpoints, clock: systemClock });
  other = createTestBackend(etcd.endpoints);
});

afterAll(async () => {
  other?.close();
  client?.close();
  await etcd?.stop();
});

/** A writer whose cache has seen nothing since now. */
async function writerFromNow() {
  const prefix = resourcePrefix(widgets);
  const { kvs, revision } = await client.range({ start: prefix, end: `${prefix.slice(0, -1)}0` });
  const codec = createCodec<Widget>(widgets, { freeze: true });
  const cache = new ResourceCache<Widget>({
    definition: widgets,
    codec,
    prefix,
    windowLimits: defaultWindowLimits,
    maxLagEvents: 100,
    appliedRevision: () => revision,
    now: () => systemClock.now(),
    watcherFailed: () => undefined,
  });
  const entries = kvs.map(({ key, value, revision: modified }) =>
    codec.decode(key.slice(prefix.length), value, modified),
  );
  cache.fill(entries, revision);
  return createObjectWriter({ etcd: client, cache, leases: createLeaseManager(client, systemClock) });
}

it.each([true, false])('is no reason to take an object for alive that is deleted (dry run: %s)', async (dryRun) => {
  const key = `default/deleted-${dryRun}`;
  await other.storageFor(widgets).create(key, widget(`deleted-${dryRun}`));
  const writer = await writerFromNow();
  await other.storageFor(widgets).delete(key);
  await expect(writer.delete(key, { dryRun })).rejects.toMatchObject({ status: { code: 404 } });
});

it.each([true, false])('is no reason to begin with an old state (dry run: %s)', async (dryRun) => {
  const key = `default/changed-${dryRun}`;
  const count = async (by: Pick<typeof writer, 'guaranteedUpdate'>, options = {}): Promise<number | undefined> => {
    const next = (found?: Widget): Widget => ({ ...found!, spec: { count: (found?.spec?.count ?? 0) + 1 } });
    return (await by.guaranteedUpdate(key, next, options)).object.spec?.count;
  };
  await other.storageFor(widgets).create(key, widget(`changed-${dryRun}`));
  const writer = await writerFromNow();
  expect(await count(other.storageFor(widgets))).toBe(1);
  expect(await count(writer, { dryRun })).toBe(2);
});

it('of a kind that is no longer served answers nobody', async () => {
  const backend = createTestBackend(etcd.endpoints);
  try {
    const storage = backend.storageFor(widgets);
    await eventually(() => backend.unfilled().length === 0);
    backend.forget(widgets);
    await other.storageFor(widgets).create('default/later', widget('later'));
    expect((await storage.get('default/later')).key).toBe('default/later');
    const { items } = await storage.list({ namespace: '' });
    expect(items.map(({ key }) => key)).toContain('default/later');
    await expect(storage.watch({ namespace: '' })).rejects.toMatchObject({ status: { code: 429 } });
  } finally {
    backend.close();
  }
});
