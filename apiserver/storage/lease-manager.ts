/**
 * etcd leases for objects that expire. As upstream's lease manager, objects written within a short time share one lease, so
 * that a flood of events does not make a flood of leases.
 */
import type { Clock } from '../../component-base/clock';
import type { Etcd } from './etcd';

const maxObjectsPerLease = 1_000;
const maxReuseMs = 60_000;
const reuseShare = 0.05;

interface SharedLease {
  id: Promise<string>;
  grantedAtMs: number;
  objects: number;
}

export interface LeaseManager {
  /** A lease for an object that must live `ttlSeconds`; it lives at most 5 % or a minute longer. */
  leaseFor(ttlSeconds: number): Promise<string>;
  /** Forgets a lease that etcd no longer knows. */
  forget(id: string): void;
}

export function createLeaseManager(etcd: Pick<Etcd, 'grantLease'>, clock: Clock): LeaseManager {
  const leases = new Map<number, SharedLease>();
  const idOf = new Map<string, number>();
  return {
    async leaseFor(ttlSeconds) {
      const now = clock.now();
      const reuseMs = Math.min(maxReuseMs, ttlSeconds * 1_000 * reuseShare);
      const shared = leases.get(ttlSeconds);
      // Also where the clock was set back: an older lease would end before the object's time is up.
      const isYoung = shared !== undefined && now >= shared.grantedAtMs && now < shared.grantedAtMs + reuseMs;
      if (isYoung && shared.objects < maxObjectsPerLease) {
        shared.objects++;
        return shared.id;
      }
      const granted: SharedLease = {
        id: etcd.grantLease(Math.ceil(ttlSeconds + reuseMs / 1_000)),
        grantedAtMs: now,
        objects: 1,
      };
      leases.set(ttlSeconds, granted);
      try {
        const id = await granted.id;
        if (leases.get(ttlSeconds) === granted) idOf.set(id, ttlSeconds);
        if (shared) void shared.id.then((old) => idOf.delete(old)).catch(() => undefined);
        return id;
      } catch (error) {
        if (leases.get(ttlSeconds) === granted) leases.delete(ttlSeconds);
        throw error;
      }
    },
    forget(id) {
      const ttlSeconds = idOf.get(id);
      if (ttlSeconds === undefined) return;
      idOf.delete(id);
      leases.delete(ttlSeconds);
    },
  };
}
