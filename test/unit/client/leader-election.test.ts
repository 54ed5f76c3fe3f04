import type { Lease } from '../../../api/coordination/v1/lease';
import { newModifiedConflict, newNotFound } from '../../../api/meta/status-error';
import type { Stored } from '../../../api/meta/types';
import { LeadershipLostError, runLeaderElection } from '../../../client/leader-election';
import type { RestClient } from '../../../client/rest-client';
import { createLogger } from '../../../component-base/logger';
import { createFakeClock } from '../../support/fake-clock';

const log = createLogger('test');
log.level = 'silent';
const leaseResource = { group: 'coordination.k8s.io', resource: 'leases' };

/** One lease with optimistic concurrency. */
function createLeaseStore() {
  const store = { lease: undefined as Stored<Lease> | undefined, down: false, writes: 0 };
  const write = (lease: Lease): Stored<Lease> => {
    store.writes += 1;
    store.lease = { ...lease, metadata: { ...lease.metadata, resourceVersion: String(store.writes) } } as Stored<Lease>;
    return store.lease;
  };
  const check = (): void => {
    if (store.down) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  };
  const client = {
    get: async () => {
      check();
      if (!store.lease) throw newNotFound(leaseResource, 'l');
      return store.lease;
    },
    create: async (_def: unknown, lease: Lease) => {
      check();
      return write(lease);
    },
    update: async (_def: unknown, lease: Lease) => {
      check();
      if (lease.metadata?.resourceVersion !== store.lease?.metadata.resourceVersion)
        throw newModifiedConflict(leaseResource, 'l');
      return write(lease);
    },
  } as unknown as RestClient;
  return { store, client };
}

function start(identity: string, { client }: ReturnType<typeof createLeaseStore>, clock = createFakeClock()) {
  const stop = new AbortController();
  const state = { leading: false };
  const ended = runLeaderElection({
    client,
    clock,
    log,
    identity,
    name: 'l',
    namespace: 'kube-system',
    leaseDurationMs: 15_000,
    renewDeadlineMs: 10_000,
    retryPeriodMs: 2000,
    signal: stop.signal,
    lead: (signal) =>
      new Promise((resolve) => {
        state.leading = true;
        signal.addEventListener('abort', () => {
          state.leading = false;
          resolve();
        });
      }),
  });
  ended.catch(() => {});
  return { stop, state, ended, clock };
}

describe('leader election', () => {
  it('leads, renews, and gives the lease back when told to stop', async () => {
    const server = createLeaseStore();
    const one = start('one', server);
    await one.clock.advance(10_000);
    expect(one.state.leading).toBe(true);
    expect(server.store.writes).toBe(6);
    expect(server.store.lease?.spec).toMatchObject({
      holderIdentity: 'one',
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
    });
    one.stop.abort();
    await one.ended;
    expect(server.store.lease?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
  });

  it('lets another wait until the lease was silent for its duration', async () => {
    const server = createLeaseStore();
    const clock = createFakeClock();
    const one = start('one', server, clock);
    await clock.advance(100);
    const two = start('two', server, clock);
    await clock.advance(30_000);
    expect(two.state.leading).toBe(false);
    server.store.down = true;
    await clock.advance(12_100);
    await expect(one.ended).rejects.toBeInstanceOf(LeadershipLostError);
    expect(one.state.leading).toBe(false);
    server.store.down = false;
    // The last renewal may be news to the second: it waits out the duration from its first look, up to 4.4 s apart.
    await clock.advance(4400 + 15_000 + 4400);
    expect(two.state.leading).toBe(true);
    expect(server.store.lease?.spec).toMatchObject({ holderIdentity: 'two', leaseTransitions: 1 });
    two.stop.abort();
    await two.ended;
  });

  it('resumes at once under the same identity', async () => {
    const server = createLeaseStore();
    const clock = createFakeClock();
    start('one', server, clock);
    await clock.advance(100);
    const again = start('one', server, clock);
    await clock.advance(0);
    expect(again.state.leading).toBe(true);
  });

  it('leads as soon as somebody serves the lease', async () => {
    const server = createLeaseStore();
    server.store.down = true;
    const one = start('one', server);
    await one.clock.advance(5000);
    expect(one.state.leading).toBe(false);
    server.store.down = false;
    await one.clock.advance(250);
    expect(one.state.leading).toBe(true);
    one.stop.abort();
    await one.ended;
  });

  it('survives a short absence of the server', async () => {
    const server = createLeaseStore();
    const one = start('one', server);
    await one.clock.advance(100);
    server.store.down = true;
    await one.clock.advance(8000);
    server.store.down = false;
    await one.clock.advance(20_000);
    expect(one.state.leading).toBe(true);
    one.stop.abort();
    await one.ended;
  });

  it('stops leading in time when the server is silent, before another may start', async () => {
    const server = createLeaseStore();
    const clock = createFakeClock();
    const one = start('one', server, clock);
    await clock.advance(100);
    const silent = (timeoutMs: number): Promise<never> =>
      clock.sleep(timeoutMs).then(() => Promise.reject(new Error('no answer')));
    Object.assign(server.client, {
      get: (...args: [unknown, string, string, { timeoutMs: number }]) => silent(args[3].timeoutMs),
      update: (...args: [unknown, Lease, { timeoutMs: number }]) => silent(args[2].timeoutMs),
    });
    await clock.advance(14_000);
    expect(one.state.leading).toBe(false);
    await expect(one.ended).rejects.toBeInstanceOf(LeadershipLostError);
  });

  it('gives the lease back when it was told to stop while taking it', async () => {
    const server = createLeaseStore();
    const { create } = server.client;
    const one = start('one', {
      ...server,
      client: {
        ...server.client,
        create: (...args: Parameters<typeof create>) => {
          one.stop.abort(new Error('stopped'));
          return create(...args);
        },
      } as RestClient,
    });
    await one.ended;
    expect(one.state.leading).toBe(false);
    expect(server.store.lease?.spec?.holderIdentity).toBe('');
  });
});
