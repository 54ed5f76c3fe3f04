import { createLeaseManager } from '../../../../apiserver/storage/lease-manager';

it('shares a lease among objects of the same time, and gives no object less than its time', async () => {
  let now = 0;
  const granted: number[] = [];
  const clock = { now: () => now, after: () => () => undefined, sleep: () => Promise.resolve() };
  const leases = createLeaseManager(
    { grantLease: (ttlSeconds) => Promise.resolve(`lease-${granted.push(ttlSeconds)}`) },
    clock,
  );
  expect(await Promise.all([leases.leaseFor(3600), leases.leaseFor(3600)])).toEqual(['lease-1', 'lease-1']);
  now = 59_000;
  expect(await leases.leaseFor(3600)).toBe('lease-1');
  now = 60_000;
  expect(await leases.leaseFor(3600)).toBe('lease-2');
  expect(granted).toEqual([3660, 3660]);
  leases.forget('lease-2');
  expect(await leases.leaseFor(3600)).toBe('lease-3');
  for (let count = 1; count < 1_000; count++) await leases.leaseFor(3600);
  expect(await leases.leaseFor(3600)).toBe('lease-4');
});

it('reuses no lease once the clock was set back', async () => {
  let now = 10_000_000;
  let granted = 0;
  const clock = { now: () => now, after: () => () => undefined, sleep: () => Promise.resolve() };
  const leases = createLeaseManager({ grantLease: () => Promise.resolve(`lease-${++granted}`) }, clock);
  expect(await leases.leaseFor(3600)).toBe('lease-1');
  now -= 3_000_000;
  expect(await leases.leaseFor(3600)).toBe('lease-2');
  expect(await leases.leaseFor(3600)).toBe('lease-2');
});
