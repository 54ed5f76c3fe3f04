/** The allocator of node ports over a real etcd, as two API servers use it. */
import { portRange } from '../../../apiserver/registry/kinds/address-range';
import { rangeAllocations } from '../../../apiserver/registry/kinds/range-allocation';
import { RangeAllocator } from '../../../apiserver/registry/kinds/range-allocator';
import type { StorageBackend } from '../../../apiserver/storage/backend';
import { startEtcd, type TestEtcd } from '../../support/etcd';
import { createTestBackend } from '../storage/widgets';

let etcd: TestEtcd;
let backends: StorageBackend[];
let ranges = 0;

beforeAll(async () => {
  etcd = await startEtcd();
  backends = [createTestBackend(etcd.endpoints), createTestBackend(etcd.endpoints)];
});

afterAll(async () => {
  for (const backend of backends) backend.close();
  await etcd.stop();
});

/** One allocator for each API server, over the same range. */
function allocators(range: string): [RangeAllocator, RangeAllocator] {
  const name = `range-${ranges++}`;
  const make = (backend: StorageBackend) =>
    new RangeAllocator({
      name,
      range: portRange(range),
      storage: () => backend.storageFor(rangeAllocations),
    });
  return [make(backends[0]!), make(backends[1]!)];
}

describe('range allocator', () => {
  it('never gives one port to two services, whichever server they ask', async () => {
    const [one, two] = allocators('30000-30061');
    const given = await Promise.all(Array.from({ length: 62 }, (_, i) => (i % 2 ? one : two).allocateNext()));
    expect(new Set(given).size).toBe(62);
    await expect(one.allocateNext()).rejects.toThrow('range is full');
    await expect(two.allocate('30000')).rejects.toThrow('provided port is already allocated');
  });

  it('lets one of many have the port they all ask for', async () => {
    const [one, two] = allocators('30000-30253');
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) => (i % 2 ? one : two).allocate('30077')),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('has a released port free for whoever comes after, on either server', async () => {
    const [one, two] = allocators('30000-30253');
    for (let round = 0; round < 10; round++) {
      await (round % 2 ? one : two).allocate('30050');
      await one.release(['30050']);
    }
    void one.allocate('30050').catch(() => undefined);
    void one.release(['30050']);
    await expect(one.allocate('30050')).resolves.toBeUndefined();
    expect([...(await two.taken())]).toEqual(['30050']);
  });

  it('refuses what is out of range, and writes nothing on a dry run', async () => {
    const [one] = allocators('30000-30253');
    await expect(one.allocate('40000')).rejects.toThrow(
      'provided port is not in the valid range. The range of valid ports is 30000-30253',
    );
    await one.allocate('30005', true);
    expect((await one.taken()).size).toBe(0);
  });
});
