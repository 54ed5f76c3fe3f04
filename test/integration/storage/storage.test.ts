import { parseFieldSelector, parseSelector } from '../../../api/meta/selectors';
import type { StorageBackend } from '../../../apiserver/storage/backend';
import type { Storage } from '../../../apiserver/storage/storage';
import { startEtcd, type TestEtcd } from '../../support/etcd';
import { createTestBackend, eventually, EventLog, type Widget, widget, widgets, widgetSets } from './widgets';

let etcd: TestEtcd;
let backend: StorageBackend;
let storage: Storage<Widget>;
let namespaces = 0;
let namespace: string;

beforeAll(async () => {
  etcd = await startEtcd();
  backend = createTestBackend(etcd.endpoints);
  storage = backend.storageFor(widgets);
});

afterAll(async () => {
  backend.close();
  await etcd.stop();
});

beforeEach(() => {
  namespace = `ns${++namespaces}`;
});

const create = (name: string, fields: Partial<Widget> = {}) =>
  storage.create(`${namespace}/${name}`, widget(name, { namespace, ...fields }));

const setCount = (name: string, count: number) =>
  storage.guaranteedUpdate(`${namespace}/${name}`, (current) => ({ ...current!, spec: { ...current!.spec, count } }));

describe('objects', () => {
  it('come back as written, with the revision in object and bytes', async () => {
    const written = await create('a', { spec: { count: 1 } });
    const read = await storage.get(`${namespace}/a`);
    expect(read.revision).toBe(written.revision);
    expect(read.object.metadata.resourceVersion).toBe(String(written.revision));
    expect(JSON.parse(read.bytes().toString())).toEqual(read.object);
    expect(JSON.parse(written.bytes().toString())).toEqual(read.object);
    expect(read.bytes()).toBe(read.bytes());
  });

  it('are created once', async () => {
    await create('a');
    await expect(create('a')).rejects.toMatchObject({
      message: 'widgets.test.kubelab.io "a" already exists',
      status: { code: 409, reason: 'AlreadyExists' },
    });
  });

  it('are not created with a resourceVersion', async () => {
    await expect(create('a', { metadata: { name: 'a', namespace, resourceVersion: '7' } })).rejects.toThrow(
      'resourceVersion should not be set on objects to be created',
    );
  });

  it('are not found under the name of another kind', async () => {
    await backend.storageFor(widgetSets).create('a', { metadata: { name: 'a' } });
    await expect(storage.get(`${namespace}/a`)).rejects.toMatchObject({
      message: 'widgets.test.kubelab.io "a" not found',
    });
    expect((await backend.storageFor(widgetSets).list({ namespace: '' })).items).toHaveLength(1);
  });

  it('do not change when an update says the same', async () => {
    const written = await create('a', { spec: { count: 1 } });
    expect((await setCount('a', 1)).revision).toBe(written.revision);
    expect((await storage.guaranteedUpdate(`${namespace}/a`, () => undefined)).revision).toBe(written.revision);
    expect((await setCount('a', 2)).revision).toBeGreaterThan(written.revision);
  });

  it('lose no increment of fifty at the same time', async () => {
    await create('a', { spec: { count: 0 } });
    await Promise.all(
      Array.from({ length: 50 }, () =>
        storage.guaranteedUpdate(`${namespace}/a`, (current) => ({
          ...current!,
          spec: { count: current!.spec!.count! + 1 },
        })),
      ),
    );
    expect((await storage.get(`${namespace}/a`)).object.spec).toEqual({ count: 50 });
  });

  it('are not updated or deleted against preconditions', async () => {
    await create('a');
    const preconditions = { uid: 'another' };
    const conflict = { status: { code: 409, reason: 'Conflict' } };
    await expect(storage.guaranteedUpdate(`${namespace}/a`, (a) => a, { preconditions })).rejects.toMatchObject(
      conflict,
    );
    await expect(storage.delete(`${namespace}/a`, { preconditions })).rejects.toMatchObject({
      ...conflict,
      message: expect.stringContaining('Precondition failed: UID in precondition: another, UID in object meta: uid-a'),
    });
  });

  it('are gone after deletion, whose revision is the answer', async () => {
    const written = await create('a');
    const deleted = await storage.delete(`${namespace}/a`);
    expect(deleted.revision).toBeGreaterThan(written.revision);
    expect(deleted.object.metadata.resourceVersion).toBe(String(deleted.revision));
    await expect(storage.get(`${namespace}/a`)).rejects.toThrow('not found');
    await expect(storage.delete(`${namespace}/a`)).rejects.toThrow('not found');
  });

  it('stay away in a dry run', async () => {
    const answer = await storage.create(`${namespace}/a`, widget('a', { namespace }), { dryRun: true });
    expect(JSON.parse(answer.bytes().toString())).toMatchObject({ kind: 'Widget', metadata: { name: 'a' } });
    await expect(storage.get(`${namespace}/a`)).rejects.toThrow('not found');
  });

  it('are read as they were acknowledged, by another server too', async () => {
    const other = createTestBackend(etcd.endpoints);
    try {
      const elsewhere = other.storageFor(widgets);
      for (let count = 0; count < 20; count++) {
        const written = count ? await setCount('a', count) : await create('a', { spec: { count } });
        expect((await elsewhere.get(`${namespace}/a`)).revision).toBe(written.revision);
        expect((await elsewhere.list({ namespace })).items[0]!.revision).toBe(written.revision);
      }
      await elsewhere.guaranteedUpdate(`${namespace}/a`, (a) => ({ ...a!, spec: { count: 100 } }));
      const seen: number[] = [];
      await storage.guaranteedUpdate(`${namespace}/a`, (a) => {
        seen.push(a!.spec!.count!);
        return { ...a!, spec: { count: a!.spec!.count! + 1 } };
      });
      expect(seen.at(-1)).toBe(100);
    } finally {
      other.close();
    }
  });

  it('expire with their lease', async () => {
    const log = new EventLog(await storage.watch({ namespace }));
    await storage.create(`${namespace}/a`, widget('a', { namespace }), { ttlSeconds: 1 });
    await eventually(() => log.lines.length === 2);
    expect(log.lines).toEqual(['ADDED a', 'DELETED a']);
  });
});

describe('lists', () => {
  const names = async (options: Partial<Parameters<typeof storage.list>[0]>) =>
    (await storage.list({ namespace, ...options })).items.map(({ object }) => object.metadata.name);

  it('are in key order and narrowed by namespace, labels and fields', async () => {
    await create('c', { spec: { node: 'n1' } });
    await create('a', { metadata: { name: 'a', namespace, uid: 'a', labels: { app: 'x' } } });
    await create('b', { spec: { node: 'n2' } });
    expect(await names({})).toEqual(['a', 'b', 'c']);
    expect(await names({ labels: parseSelector('app=x') })).toEqual(['a']);
    expect(await names({ labels: parseSelector('!app') })).toEqual(['b', 'c']);
    expect(await names({ fields: parseFieldSelector('spec.node=n2') })).toEqual(['b']);
    expect(await names({ fields: parseFieldSelector('metadata.name=c') })).toEqual(['c']);
    await storage.guaranteedUpdate(`${namespace}/a`, (a) => ({ ...a!, spec: { node: 'n2' } }));
    await storage.delete(`${namespace}/b`);
    expect(await names({ fields: parseFieldSelector('spec.node=n2') })).toEqual(['a']);
    expect(await names({ fields: parseFieldSelector('spec.node!=n2') })).toEqual(['c']);
  });

  it('go on page by page at the revision they began with', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await create(name);
    const first = await storage.list({ namespace, limit: 2 });
    expect(first.items.map(({ object }) => object.metadata.name)).toEqual(['a', 'b']);
    expect(first.remainingItemCount).toBe(3);
    await storage.delete(`${namespace}/c`);
    await create('bb');
    const second = await storage.list({ namespace, limit: 2, continue: first.continue });
    expect(second.items.map(({ object }) => object.metadata.name)).toEqual(['c', 'd']);
    expect(second).toMatchObject({ revision: first.revision, remainingItemCount: 1 });
    const third = await storage.list({ namespace, limit: 2, continue: second.continue });
    expect(third.items.map(({ object }) => object.metadata.name)).toEqual(['e']);
    expect(third.continue).toBeUndefined();
  });

  it('page through what matches a selector', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await create(name, { spec: { node: name > 'c' ? 'n' : 'm' } });
    const fields = parseFieldSelector('spec.node=n');
    const first = await storage.list({ namespace, limit: 2, fields });
    expect(first.items.map(({ object }) => object.metadata.name)).toEqual(['d', 'e']);
    expect(first.remainingItemCount).toBeUndefined();
    expect(await names({ limit: 2, fields, continue: first.continue })).toEqual(['f']);
  });

  it('answer exact revisions from history and refuse those to come', async () => {
    const { revision } = await create('a');
    const later = String((await create('b')).revision);
    expect(await names({ resourceVersion: String(revision), resourceVersionMatch: 'Exact' })).toEqual(['a']);
    expect(await names({ resourceVersion: later, resourceVersionMatch: 'NotOlderThan' })).toEqual(['a', 'b']);
    const future = { resourceVersion: String(revision + 1_000_000) };
    const tooLarge = {
      message: expect.stringMatching(/^Timeout: Too large resource version: \d+, current: \d+$/),
      status: { code: 504, reason: 'Timeout', details: { retryAfterSeconds: 1 } },
    };
    await expect(names({ ...future, resourceVersionMatch: 'Exact' })).rejects.toMatchObject(tooLarge);
    await expect(names(future)).rejects.toMatchObject(tooLarge);
  });

  it('refuse foreign tokens and resource versions', async () => {
    await expect(names({ continue: 'nonsense' })).rejects.toMatchObject({ status: { code: 400 } });
    await expect(names({ resourceVersion: 'x' })).rejects.toMatchObject({ status: { code: 400 } });
  });
});

describe('watches', () => {
  it('begin with the state and go on with every change in order', async () => {
    await create('a');
    await create('b');
    const log = new EventLog(await storage.watch({ namespace }));
    await setCount('a', 1);
    await storage.delete(`${namespace}/b`);
    await create('c');
    await eventually(() => log.lines.length === 5);
    expect(log.lines).toEqual(['ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED b', 'ADDED c']);
    const revisions = log.objects.map(({ metadata }) => Number(metadata.resourceVersion));
    expect(revisions).toEqual([...revisions].sort((x, y) => x - y));
    log.watcher.stop();
  });

  it('resume after the revision given', async () => {
    const { revision } = await create('a');
    await setCount('a', 1);
    await create('b');
    const log = new EventLog(await storage.watch({ namespace, resourceVersion: String(revision) }));
    await eventually(() => log.lines.length === 2);
    expect(log.lines).toEqual(['MODIFIED a', 'ADDED b']);
    log.watcher.stop();
  });

  it('report an object that leaves the selector as deleted, with its last matching state', async () => {
    await create('a', { spec: { node: 'n1' } });
    await create('b', { spec: { node: 'n2' } });
    const log = new EventLog(await storage.watch({ namespace, fields: parseFieldSelector('spec.node=n1') }));
    const moved = await storage.guaranteedUpdate(`${namespace}/a`, (a) => ({ ...a!, spec: { node: 'n2' } }));
    await storage.guaranteedUpdate(`${namespace}/b`, (b) => ({ ...b!, spec: { node: 'n1' } }));
    await eventually(() => log.lines.length === 3);
    expect(log.lines).toEqual(['ADDED a', 'DELETED a', 'ADDED b']);
    expect(log.objects[1]).toMatchObject({
      spec: { node: 'n1' },
      metadata: { resourceVersion: String(moved.revision) },
    });
    log.watcher.stop();
  });

  it('announce the end of the state when asked to send it', async () => {
    await create('a');
    const log = new EventLog(await storage.watch({ namespace, sendInitialEvents: true, allowBookmarks: true }));
    await eventually(() => log.events.length === 2);
    expect(log.events[1]).toEqual({ type: 'BOOKMARK', revision: expect.any(Number), initialEventsEnd: true });
    log.watcher.stop();
  });

  it('send a bookmark before the time is up', async () => {
    const log = new EventLog(await storage.watch({ namespace, allowBookmarks: true, timeoutMs: 2_100 }));
    await eventually(() => log.events.length > 0);
    expect(log.events).toEqual([{ type: 'BOOKMARK', revision: expect.any(Number) }]);
    log.watcher.stop();
  });

  it('share bytes and events among watchers', async () => {
    const logs = [new EventLog(await storage.watch({ namespace })), new EventLog(await storage.watch({ namespace }))];
    await create('a');
    await eventually(() => logs.every(({ lines }) => lines.length === 1));
    expect(logs[0]!.events[0]).toBe(logs[1]!.events[0]);
    for (const { watcher } of logs) watcher.stop();
  });

  it('wait for a full receiver and miss nothing', async () => {
    const log = new EventLog(await storage.watch({ namespace }));
    log.accept = false;
    await create('a');
    await eventually(() => log.lines.length === 1);
    for (let count = 1; count <= 30; count++) await setCount('a', count);
    expect(log.lines).toHaveLength(1);
    log.accept = true;
    log.watcher.resume();
    await eventually(() => log.lines.length === 31);
    await create('b');
    await eventually(() => log.lines.at(-1) === 'ADDED b');
    expect(log.objects.slice(1, 31).map(({ spec }) => spec!.count)).toEqual(
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
    log.watcher.stop();
  });

  it('serve kinds that are registered later', async () => {
    const gadgets = { ...widgets, names: { plural: 'gadgets', singular: 'gadget' }, kind: 'Gadget' };
    const late = backend.storageFor(gadgets);
    await late.create('x/a', widget('a', { namespace: 'x' }));
    const log = new EventLog(await late.watch({ namespace: '' }));
    await late.delete('x/a');
    await eventually(() => log.lines.length === 2);
    expect(log.lines).toEqual(['ADDED a', 'DELETED a']);
    backend.forget(gadgets);
    expect(log.error).toBeDefined();
  });
});
