/** The allocator of service addresses over a real etcd, as two API servers use it. */
import { addressRange } from '../../../apiserver/registry/kinds/address-range';
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
}, 30_000);

afterAll(async () => {
  for (const backend of backends) backend.close();
  await etcd.stop();
});

/** One allocator for each API server, over the same range. */
function allocators(cidr: string): [RangeAllocator, RangeAllocator] {
  const name = `range-${ranges++}`;
  const make = (backend: StorageBackend) =>
    new RangeAllocator({
      name,
      noun: 'IP',
      range: addressRange(cidr),
      storage: () => backend.storageFor(rangeAllocations),
    });
  return [make(backends[0]!), make(backends[1]!)];
}

describe('range allocator', () => {
  it('never gives one address to two services, whichever server they ask', async () => {
    const [one, two] = allocators('10.9.0.0/26');
    const given = await Promise.all(Array.from({ length: 62 }, (_, i) => (i % 2 ? one : two).allocateNext()));
    expect(new Set(given).size).toBe(62);
    await expect(one.allocateNext()).rejects.toThrow('range is full');
    await expect(two.allocate('10.9.0.1')).rejects.toThrow('provided IP is already allocated');
  });

  it('lets one of many have the address they all ask for', async () => {
    const [one, two] = allocators('10.9.0.0/24');
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) => (i % 2 ? one : two).allocate('10.9.0.77')),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('has a released address free for whoever comes after, on either server', async () => {
    const [one, two] = allocators('10.9.0.0/24');
    for (let round = 0; round < 10; round++) {
      await (round % 2 ? one : two).allocate('10.9.0.50');
      await one.release(['10.9.0.50']);
    }
    void one.allocate('10.9.0.50').catch(() => undefined);
    void one.release(['10.9.0.50']);
    await expect(one.allocate('10.9.0.50')).resolves.toBeUndefined();
    expect([...(await two.taken())]).toEqual(['10.9.0.50']);
  });

  it('refuses what is out of range, and writes nothing on a dry run', async () => {
    const [one] = allocators('10.9.0.0/24');
    await expect(one.allocate('10.8.0.1')).rejects.toThrow(
      'the provided IP (10.8.0.1) is not in the valid range. The range of valid IPs is 10.9.0.0/24',
    );
    await one.allocate('10.9.0.5', true);
    expect((await one.taken()).size).toBe(0);
  });
});
