import { Compactor, compactRevisionKey } from '../../../apiserver/storage/compactor';
import { Etcd } from '../../../apiserver/storage/etcd';
import { systemClock } from '../../../component-base/clock';
import { startEtcd, type TestEtcd } from '../../support/etcd';

const intervalMs = 300_000;

let etcd: TestEtcd;
let client: Etcd;
let nowMs: number;

beforeAll(async () => {
  etcd = await startEtcd();
  client = new Etcd({ endpoints: etcd.endpoints, clock: systemClock });
});

afterAll(async () => {
  client.close();
  await etcd.stop();
});

beforeEach(async () => {
  nowMs = 1_000_000;
  const mark = await client.get(compactRevisionKey);
  if (mark) await client.delete(compactRevisionKey, { ifRevision: mark.revision });
});

const newProcess = (bootId = 'boot'): Compactor =>
  new Compactor({ etcd: client, bootClock: { bootId, now: () => nowMs }, intervalMs });

/** Gives etcd's revision after it. */
async function write(): Promise<number> {
  const current = await client.get('/registry/key');
  const { revision } = await client.put('/registry/key', Buffer.from('x'), { ifRevision: current?.revision ?? 0 });
  return revision;
}

async function isReadable(revision: number): Promise<boolean> {
  const reading = client.range({ start: '/registry/key', revision });
  return reading.then(
    () => true,
    (error: { failure: string }) => {
      expect(error.failure).toBe('compacted');
      return false;
    },
  );
}

it('discards after an interval what was replaced before it, and nothing younger', async () => {
  const compactor = newProcess();
  const replaced = await write();
  const current = await write();
  await expect(compactor.round()).resolves.toBe(intervalMs);
  const younger = await write();
  nowMs += intervalMs - 1;
  await expect(compactor.round()).resolves.toBe(1);
  await expect(isReadable(replaced)).resolves.toBe(true);
  nowMs += 1;
  await expect(compactor.round()).resolves.toBe(intervalMs);
  await expect(isReadable(replaced)).resolves.toBe(false);
  await expect(isReadable(current)).resolves.toBe(true);
  nowMs += intervalMs;
  await compactor.round();
  await expect(isReadable(current)).resolves.toBe(false);
  await expect(isReadable(younger)).resolves.toBe(true);
});

it('goes on with the interval that an earlier process began', async () => {
  const replaced = await write();
  await write();
  await newProcess().round();
  for (let restart = 0; restart < 4; restart++) {
    nowMs += 60_000;
    await expect(newProcess().round()).resolves.toBe(intervalMs - (restart + 1) * 60_000);
  }
  nowMs += 60_000;
  await expect(newProcess().round()).resolves.toBe(intervalMs);
  await expect(isReadable(replaced)).resolves.toBe(false);
});

it.each([
  ['of another machine or boot', 'other', 0],
  ['from the future', 'boot', 10_000_000],
])('takes a mark %s for as old as it has been known', async (_what, bootId, offsetMs) => {
  const replaced = await write();
  await write();
  nowMs += offsetMs;
  await newProcess(bootId).round();
  nowMs -= offsetMs;
  const compactor = newProcess();
  nowMs += 2 * intervalMs;
  await expect(compactor.round()).resolves.toBe(intervalMs);
  await expect(isReadable(replaced)).resolves.toBe(true);
  nowMs += intervalMs;
  await expect(compactor.round()).resolves.toBe(intervalMs);
  await expect(isReadable(replaced)).resolves.toBe(false);
});

it('leaves compaction to another server while that one makes marks', async () => {
  const [one, other] = [newProcess('one'), newProcess('other')];
  await one.round();
  for (let round = 0; round < 3; round++) {
    await expect(other.round()).resolves.toBe(intervalMs);
    nowMs += intervalMs;
    await one.round();
  }
  const mark = await client.get(compactRevisionKey);
  expect(JSON.parse(mark!.value.toString())).toMatchObject({ bootId: 'one', atMs: nowMs });
});

it('keeps the mark of the server that was faster', async () => {
  const slow: Pick<Etcd, 'range' | 'put' | 'compact'> = {
    range: (request) => client.range(request),
    compact: (revision) => client.compact(revision),
    async put(...args) {
      await newProcess('faster').round();
      return client.put(...args);
    },
  };
  const compactor = new Compactor({ etcd: slow, bootClock: { bootId: 'boot', now: () => nowMs }, intervalMs });
  await expect(compactor.round()).resolves.toBe(0);
  await expect(compactor.round()).resolves.toBe(intervalMs);
});

it('begins anew where an earlier version left its plain revision', async () => {
  await client.put(compactRevisionKey, Buffer.from('12345'), { ifRevision: 0 });
  const current = await write();
  await expect(newProcess().round()).resolves.toBe(intervalMs);
  await expect(isReadable(current)).resolves.toBe(true);
});
