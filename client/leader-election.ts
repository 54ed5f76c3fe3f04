/**
 * Lets one of several instances lead, by a Lease. Upstream: `client-go/tools/leaderelection`. Another instance's claim is
 * timed on the local clock from when it was last seen to change, so clocks need not agree. It is no fence: what leads must
 * be correct also when two do for a moment.
 */
import { setMaxListeners } from 'node:events';
import { type Lease, leases, type LeaseSpec } from '../api/coordination/v1/lease';
import { deepEqual } from '../api/meta/json';
import { isNotFound, StatusError } from '../api/meta/status-error';
import type { Stored } from '../api/meta/types';
import { type Clock, formatMicroTime } from '../component-base/clock';
import type { Logger } from '../component-base/logger';
import { jittered } from './backoff';
import type { EventRecorder } from './event-recorder';
import type { RestClient } from './rest-client';

export interface LeaderElectionOptions {
  client: RestClient;
  clock: Clock;
  log: Logger;
  /** An instance that starts again under the same identity holds its lease still. */
  identity: string;
  name: string;
  namespace: string;
  /** Upstream's 15 s, 10 s and 2 s. */
  leaseDurationMs: number;
  renewDeadlineMs: number;
  retryPeriodMs: number;
  signal: AbortSignal;
  /** Runs while this instance leads; its signal aborts when leadership is lost or the process is told to stop. */
  lead(signal: AbortSignal): Promise<void>;
  recorder?: EventRecorder;
}

/** The lease was taken by another, or could not be renewed in time: the process must stop and start again. */
export class LeadershipLostError extends Error {
  override readonly name = 'LeadershipLostError';
}

const retryJitter = 1.2;

/** While nobody serves the lease, it is asked for more often: a cluster that starts waits for whoever leads. */
const unreachableRetryMs = 100;

/**
 * Waits for the lease, leads, and gives the lease back when the signal aborts. Rejects with LeadershipLostError when it was
 * lost, and with `lead`'s own error.
 */
export async function runLeaderElection(options: LeaderElectionOptions): Promise<void> {
  const { clock, log, identity, retryPeriodMs, renewDeadlineMs, signal } = options;
  const elector = createElector(options);
  while (!signal.aborted) {
    const outcome = await elector.tryAcquireOrRenew(renewDeadlineMs);
    if (outcome === 'ours') break;
    const retryMs = outcome === 'unreachable' ? Math.min(unreachableRetryMs, retryPeriodMs) : retryPeriodMs;
    await clock.sleep(jittered(retryMs, retryJitter), signal).catch(() => {});
  }
  // Told to stop while the lease was being taken.
  if (signal.aborted) return elector.release();
  log.info({ lease: options.name, identity }, 'Became leader');
  elector.announce('became leader');

  const term = new AbortController();
  setMaxListeners(0, term.signal);
  const onAbort = (): void => term.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const leading = options.lead(term.signal);
  // When leading ends by itself there is nothing left to renew for.
  const ended = leading.finally(() => term.abort(new Error('stopped leading')));
  ended.catch(() => {});
  const lost = await renewUntilLost(options, elector, term.signal);
  if (lost) term.abort(lost);
  try {
    await leading;
  } catch (error) {
    if (!lost && !(signal.aborted && error === signal.reason)) throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (!lost) await elector.release();
  }
  if (lost) throw lost;
}

/** Renews every retry period; gives the error once the deadline passed without success, undefined when told to stop. */
async function renewUntilLost(
  { clock, log, retryPeriodMs, renewDeadlineMs, name }: LeaderElectionOptions,
  elector: Elector,
  signal: AbortSignal,
): Promise<LeadershipLostError | undefined> {
  let renewedAt = clock.now();
  while (!signal.aborted) {
    await clock.sleep(retryPeriodMs, signal).catch(() => {});
    if (signal.aborted) return undefined;
    const left = renewDeadlineMs - (clock.now() - renewedAt);
    const triedAt = clock.now();
    // The try at the deadline itself still counts: the lease lasts longer than the deadline.
    const outcome = await elector.tryAcquireOrRenew(Math.max(left, retryPeriodMs));
    // Others may count from when it was sent: a renewal is no younger than that.
    if (outcome === 'ours') renewedAt = triedAt;
    else if (clock.now() - renewedAt >= renewDeadlineMs) {
      log.error({ lease: name }, 'Failed to renew the lease');
      elector.announce('stopped leading');
      return new LeadershipLostError(`leader election lost: could not renew lease ${name}`);
    }
  }
  return undefined;
}

/** `refused`: another holds the lease, or the API server said no. `unreachable`: nobody answered. */
type Outcome = 'ours' | 'refused' | 'unreachable';

interface Elector {
  /** Never rejects. `timeoutMs` is for all its requests together. */
  tryAcquireOrRenew(timeoutMs: number): Promise<Outcome>;
  release(): Promise<void>;
  announce(what: string): void;
}

function createElector(options: LeaderElectionOptions): Elector {
  const { client, clock, log, identity, name, namespace, leaseDurationMs } = options;
  let observed: Stored<Lease> | undefined;
  let observedAt = 0;
  const observe = (lease: Stored<Lease>): void => {
    if (!deepEqual(observed?.spec, lease.spec)) observedAt = clock.now();
    observed = lease;
  };
  const claim = (old: LeaseSpec | undefined): LeaseSpec => {
    const now = formatMicroTime(clock.now());
    const ours = old?.holderIdentity === identity;
    return {
      ...old,
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(leaseDurationMs / 1000),
      acquireTime: ours ? (old.acquireTime ?? now) : now,
      renewTime: now,
      leaseTransitions: (old?.leaseTransitions ?? 0) + (old && !ours ? 1 : 0),
    };
  };
  const heldByAnother = ({ spec }: Lease): boolean => {
    const holder = spec?.holderIdentity;
    if (!holder || holder === identity) return false;
    return observedAt + (spec.leaseDurationSeconds ?? leaseDurationMs / 1000) * 1000 > clock.now();
  };
  const update = async (lease: Stored<Lease>, timeoutMs: number): Promise<void> =>
    observe(await client.update(leases, { ...lease, spec: claim(lease.spec) }, { timeoutMs }));
  /** For requests one after the other: what is left for the next one. */
  const timeLeft = (timeoutMs: number): (() => number) => {
    const deadline = clock.now() + timeoutMs;
    return () => Math.max(1, deadline - clock.now());
  };

  return {
    async tryAcquireOrRenew(timeoutMs) {
      const left = timeLeft(timeoutMs);
      try {
        // Renewing starts from what was written last; only a conflict makes us read it again.
        if (observed?.spec?.holderIdentity === identity) {
          const renewed = await update(observed, left()).then(
            () => true,
            () => false,
          );
          if (renewed) return 'ours';
        }
        observe(await client.get(leases, name, namespace, { timeoutMs: left() }));
        if (observed && heldByAnother(observed)) return 'refused';
        await update(observed as Stored<Lease>, left());
        return 'ours';
      } catch (error) {
        if (!isNotFound(error)) {
          log.debug({ err: error, lease: name }, 'Could not acquire or renew the lease');
          return error instanceof StatusError ? 'refused' : 'unreachable';
        }
      }
      try {
        const lease: Lease = { metadata: { name, namespace }, spec: claim(undefined) };
        observe(await client.create(leases, lease, { timeoutMs: left() }));
        return 'ours';
      } catch (error) {
        log.debug({ err: error, lease: name }, 'Could not create the lease');
        return 'refused';
      }
    },
    async release() {
      if (observed?.spec?.holderIdentity !== identity) return;
      const now = formatMicroTime(clock.now());
      const spec: LeaseSpec = {
        ...observed.spec,
        holderIdentity: '',
        leaseDurationSeconds: 1,
        renewTime: now,
        acquireTime: now,
      };
      await client.update(leases, { ...observed, spec }, { timeoutMs: 2000 }).catch((error: unknown) => {
        log.debug({ err: error, lease: name }, 'Could not release the lease');
      });
    },
    announce(what) {
      if (!observed) return;
      const regarding = { ...observed, apiVersion: leases.apiVersion, kind: leases.kind };
      options.recorder?.event(regarding, 'Normal', 'LeaderElection', `${identity} ${what}`);
    },
  };
}
