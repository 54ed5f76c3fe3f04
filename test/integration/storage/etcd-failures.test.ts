import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../component-base/clock';
import { createLogger } from '../../../component-base/logger';
import type { StorageBackend } from '../../../apiserver/storage/backend';
import { Etcd } from '../../../apiserver/storage/etcd';
import { watchPrefix } from '../../../apiserver/storage/etcd-watch';
import type { Storage } from '../../../apiserver/storage/storage';
import { startEtcd, type TestEtcd } from '../../support/etcd';
import { createTestBackend, eventually, EventLog, type Widget, widget, widgets } from './widgets';

let etcd: TestEtcd;
let client: Etcd;
let backend: StorageBackend;
let storage: Storage<Widget>;

beforeEach(async () => {
  etcd = await startEtcd();
  client = new Etcd({ endpoints: etcd.endpoints, clock: systemClock });
  backend = createTestBackend(etcd.endpoints, {
    unavailableRetryMs: 2_000,
    requestTimeoutMs: 3_000,
    maxLagEvents: 50,
    windowLimits: { minEvents: 1_000, maxEvents: 10_000, freshMs: 60_000, maxBytes: 1 << 20 },
  });
  storage = backend.storageFor(widgets);
});

afterEach(async () => {
  backend.close();
  client.close();
  await etcd.stop();
});

const create = (name: string) => storage.create(`default/${name}`, widget(name));
const compactNow = async () => {
  const { revision } = await client.range({ start: '/registry/' });
  await client.compact(revision);
  return revision;
};

it('loses no acknowledged write and no event when etcd is killed and restarted', async () => {
  const log = new EventLog(await storage.watch({ namespace: '' }));
  const acknowledged: string[] = [];
  const stopped = new AbortController();
  let refused = 0;
  const write = async (writer: number): Promise<void> => {
    for (let index = 0; !stopped.signal.aborted; index++) {
      const name = `w${writer}-${index}`;
      try {
        await create(name);
        acknowledged.push(name);
      } catch {
        refused++;
      }
    }
  };
  const writers = [0, 1, 2, 3].map(write);
  for (let round = 0; round < 2; round++) {
    const before = acknowledged.length;
    await eventually(() => acknowledged.length > before + 50);
    await etcd.restart();
  }
  const before = acknowledged.length;
  await eventually(() => acknowledged.length > before + 50);
  stopped.abort();
  await Promise.all(writers);
  const { items } = await storage.list({ namespace: '' });
  const stored = new Set(items.map(({ object }) => object.metadata.name));
  expect(acknowledged.filter((name) => !stored.has(name))).toEqual([]);
  await eventually(() => log.lines.length >= stored.size);
  expect(log.error).toBeUndefined();
  expect(log.lines).toHaveLength(stored.size);
  expect(new Set(log.lines).size).toBe(stored.size);
  // At most one write per writer and restart is in flight when the connection breaks.
  expect(refused).toBeLessThanOrEqual(4 * 2 * 3);
});

it('answers clearly while etcd is away, serves what needs no etcd, and recovers by itself', async () => {
  await create('a');
  await eventually(() => backend.unfilled().length === 0);
  await storage.get('default/a');
  await etcd.kill();
  // The first may still go into the connection that is about to break.
  await expect(create('b')).rejects.toMatchObject({ status: { code: expect.any(Number) } });
  await expect(create('b')).rejects.toMatchObject({ status: { code: 503, reason: 'ServiceUnavailable' } });
  await expect(storage.get('default/a')).rejects.toMatchObject({ status: { code: expect.any(Number) } });
  await expect(backend.checkEtcd(300)).rejects.toThrow('etcd did not answer in time');
  expect((await storage.get('default/a', { resourceVersion: '0' })).object.metadata.name).toBe('a');
  await etcd.restart();
  await create('b');
  expect((await storage.list({ namespace: '' })).items).toHaveLength(2);
  await backend.checkEtcd();
});

it('calls a write whose outcome is unknown a timeout and does not repeat it', async () => {
  await create('a');
  etcd.freeze();
  await expect(create('b')).rejects.toMatchObject({ status: { code: 504, reason: 'Timeout' } });
  etcd.thaw();
  await create('c');
});

it('starts before etcd does', async () => {
  await etcd.kill();
  const early = createTestBackend(etcd.endpoints);
  try {
    const names = early.storageFor(widgets);
    expect(early.unfilled()).toEqual(['widgets']);
    await etcd.restart();
    await eventually(() => early.unfilled().length === 0);
    expect((await names.list({ namespace: '' })).items).toEqual([]);
  } finally {
    early.close();
  }
});

it('ends every watch with 410 and reads the state anew when its history was compacted', async () => {
  await create('a');
  const log = new EventLog(await storage.watch({ namespace: '' }));
  await eventually(() => log.lines.length === 1);
  // While the server cannot see etcd, another one writes and compacts.
  await etcd.kill();
  const moved = await startEtcdWhereOnlyOthersLook();
  await moved.write();
  await etcd.restart();
  await eventually(() => log.error !== undefined);
  expect(log.error).toMatchObject({ status: { code: 410, reason: 'Expired' } });
  const { items } = await storage.list({ namespace: '' });
  expect(items.map(({ object }) => object.metadata.name)).toEqual(['a', 'elsewhere']);
});

/** Runs etcd's data on another port for a while, writes and compacts there. */
async function startEtcdWhereOnlyOthersLook(): Promise<{ write(): Promise<void> }> {
  const other = await startEtcd({ dataDir: etcd.dataDir });
  return {
    async write() {
      const elsewhere = createTestBackend(other.endpoints);
      const target = elsewhere.storageFor(widgets);
      await target.create('default/elsewhere', widget('elsewhere'));
      await target.guaranteedUpdate('default/elsewhere', (found) => ({ ...found!, spec: { count: 1 } }));
      const direct = new Etcd({ endpoints: other.endpoints, clock: systemClock });
      const { revision } = await direct.range({ start: '/registry/' });
      await direct.compact(revision);
      direct.close();
      elsewhere.close();
      await other.kill();
    },
  };
}

it('reads the state anew when etcd was restored from a backup, and goes on from there', async () => {
  await create('a');
  await etcd.kill();
  const backup = mkdtempSync(join(tmpdir(), 'kubelab-etcd-backup-'));
  cpSync(etcd.dataDir, backup, { recursive: true });
  await etcd.restart();
  await create('b');
  await storage.guaranteedUpdate('default/a', (found) => ({ ...found!, spec: { count: 1 } }));
  const log = new EventLog(await storage.watch({ namespace: '' }));
  await eventually(() => log.lines.length === 2);
  await etcd.kill();
  rmSync(etcd.dataDir, { recursive: true });
  renameSync(backup, etcd.dataDir);
  await etcd.restart();
  await eventually(() => log.error !== undefined);
  expect(log.error).toMatchObject({ status: { code: 410, reason: 'Expired' } });
  const restored = await storage.list({ namespace: '' });
  expect(restored.items.map(({ object }) => [object.metadata.name, object.spec])).toEqual([['a', undefined]]);
  const after = new EventLog(await storage.watch({ namespace: '', resourceVersion: String(restored.revision) }));
  await create('c');
  await eventually(() => after.lines.join() === 'ADDED c');
});

it('does not take a member of etcd that is a moment behind for one restored from a backup', async () => {
  await create('a');
  const { revision } = await client.range({ start: '/registry/', countOnly: true });
  const behind: Pick<Etcd, 'openWatch' | 'range'> = {
    range: (request) => client.range(request),
    openWatch: (start, end, from, handlers) =>
      client.openWatch(start, end, from, { ...handlers, created: (current) => handlers.created(current - 1) }),
  };
  const seen: string[] = [];
  const stop = watchPrefix({
    etcd: behind,
    clock: systemClock,
    log: createLogger('test', 0),
    prefix: '/registry/',
    fromRevision: revision + 1,
    onEvents: (events) => void seen.push(...events.map(({ key }) => key)),
    onCompacted: () => void seen.push('compacted'),
  });
  await create('b');
  await eventually(() => seen.length > 0);
  stop();
  expect(seen).toEqual(['/registry/test.kubelab.io/widgets/default/b']);
});

it('refuses lists and continued pages of compacted revisions, and tells how to go on', async () => {
  for (const name of ['a', 'b', 'c', 'd']) await create(name);
  const first = await storage.list({ namespace: 'default', limit: 2 });
  await create('e');
  await compactNow();
  await expect(
    storage.list({ namespace: 'default', resourceVersion: String(first.revision - 1), resourceVersionMatch: 'Exact' }),
  ).rejects.toMatchObject({
    message: 'The resourceVersion for the provided list is too old.',
    status: { code: 410, reason: 'Expired' },
  });
  const expired: any = await storage
    .list({ namespace: 'default', limit: 2, continue: first.continue })
    .catch((error: unknown) => error);
  expect(expired.message).toMatch(/^The provided continue parameter is too old to display a consistent list result\./);
  const rest = await storage.list({ namespace: 'default', continue: expired.status.metadata.continue });
  expect(rest.items.map(({ object }) => object.metadata.name)).toEqual(['c', 'd', 'e']);
});

it('tells watches from before its window that they are too late', async () => {
  const { revision } = await create('a');
  await create('b');
  const restarted = createTestBackend(etcd.endpoints);
  const watcher = await restarted.storageFor(widgets).watch({ namespace: '', resourceVersion: String(revision) });
  expect(new EventLog(watcher).error).toMatchObject({
    message: expect.stringMatching(/^too old resource version: \d+ \(\d+\)$/),
    status: { code: 410, reason: 'Expired' },
  });
  restarted.close();
});

it('cuts off a watcher that falls too far behind, and no other', async () => {
  const slow = new EventLog(await storage.watch({ namespace: '' }));
  const other = new EventLog(await storage.watch({ namespace: '' }));
  slow.accept = false;
  for (let index = 0; index < 80; index++) await create(`a${index}`);
  await eventually(() => other.lines.length === 80);
  expect(slow.error).toMatchObject({ status: { code: 410, reason: 'Expired' } });
  expect(other.error).toBeUndefined();
});

it('speaks mutual TLS', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'kubelab-tls-'));
  const file = (name: string): string => join(dir, name);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'ignore', cwd: dir });
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    '/CN=ca',
    '-days',
    '1',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
  );
  openssl(
    'req',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    '/CN=etcd',
    '-keyout',
    'tls.key',
    '-out',
    'tls.csr',
  );
  writeFileSync(file('ext'), 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n');
  openssl(
    'x509',
    '-req',
    '-in',
    'tls.csr',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '1',
    '-extfile',
    'ext',
    '-out',
    'tls.crt',
  );
  const secure = await startEtcd({
    tls: { caFile: file('ca.crt'), certFile: file('tls.crt'), keyFile: file('tls.key') },
  });
  const ca = readFileSync(file('ca.crt'));
  const known = createTestBackend(secure.endpoints, {
    tls: { ca, cert: readFileSync(file('tls.crt')), key: readFileSync(file('tls.key')) },
  });
  const stranger = createTestBackend(secure.endpoints, { tls: { ca }, unavailableRetryMs: 200 });
  try {
    await known.storageFor(widgets).create('default/a', widget('a'));
    expect((await known.storageFor(widgets).get('default/a')).object.metadata.name).toBe('a');
    await expect(stranger.storageFor(widgets).create('default/b', widget('b'))).rejects.toMatchObject({
      status: { code: expect.any(Number) },
    });
  } finally {
    known.close();
    stranger.close();
    await secure.stop();
    rmSync(dir, { recursive: true });
  }
});
