/** What somebody else put into etcd and this server cannot decode, as with a key of encryption that it does not have yet. */
import { systemClock } from '../../../component-base/clock';
import type { StorageBackend } from '../../../apiserver/storage/backend';
import { Etcd } from '../../../apiserver/storage/etcd';
import { resourcePrefix } from '../../../apiserver/storage/keys';
import { startEtcd, type TestEtcd } from '../../support/etcd';
import { until } from '../../support/until';
import { createTestBackend, eventually, EventLog, widget, widgets, widgetSets } from './widgets';

const badKey = `${resourcePrefix(widgets)}default/a`;

let etcd: TestEtcd;
let client: Etcd;
let backend: StorageBackend;

beforeAll(async () => {
  etcd = await startEtcd();
  client = new Etcd({ endpoints: etcd.endpoints, clock: systemClock });
  backend = createTestBackend(etcd.endpoints);
});

afterAll(async () => {
  backend?.close();
  client?.close();
  await etcd?.stop();
});

it('is never answered as what was there before, holds up no other kind, and is read as soon as that works', async () => {
  const storage = backend.storageFor(widgets);
  const sets = backend.storageFor(widgetSets);
  const { revision } = await storage.create('default/a', widget('a'));
  await eventually(() => backend.unfilled().length === 0);
  const log = new EventLog(await storage.watch({ namespace: '' }));
  const bad = await client.put(badKey, Buffer.from('{"sealed'), { ifRevision: revision });
  await eventually(() => log.error !== undefined);
  expect(log.error).toMatchObject({ status: { code: 410 } });
  const readings = await Promise.allSettled([storage.get('default/a'), storage.list({ namespace: '' })]);
  expect(readings.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await sets.create('b', widget('b', { namespace: '' }));
  expect((await sets.list({ namespace: '' })).items).toHaveLength(1);

  const good = Buffer.from(JSON.stringify({ ...widget('a'), spec: { count: 7 } }));
  await client.put(badKey, good, { ifRevision: bad.revision });
  await until('the kind to be read', () => backend.unfilled().length === 0);
  expect((await storage.get('default/a')).object.spec).toEqual({ count: 7 });
  const next = new EventLog(await storage.watch({ namespace: '' }));
  await storage.create('default/c', widget('c'));
  await eventually(() => next.lines.includes('ADDED c'));
}, 30_000);
