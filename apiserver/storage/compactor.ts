/**
 * Discards etcd's old history at an interval, keeping one to two intervals of it for watches and continued lists. As upstream's
 * `etcd3/compact.go`: several API servers share a key whose version counts the rounds; who writes it first compacts.
 */
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import type { Etcd } from './etcd';
import { isEtcdFailure } from './etcd-errors';
import { registryRoot } from './keys';

export const compactRevisionKey = `${registryRoot}compact_rev_key`;

export interface CompactorOptions {
  etcd: Pick<Etcd, 'putIfVersion' | 'compact'>;
  clock: Clock;
  log: Logger;
  /** 0 never compacts. */
  intervalMs: number;
  signal: AbortSignal;
}

interface Round {
  /** Version of the key as we know it. */
  time: number;
  /** etcd's revision when we learnt it; what the next round compacts to. */
  revision: number;
}

/** One round: claims it, compacts to the revision of the round before, and gives what the next one needs. */
export async function compactOnce(
  etcd: CompactorOptions['etcd'],
  last: Round,
): Promise<Round & { compacted: boolean }> {
  const claim = await etcd.putIfVersion(compactRevisionKey, String(last.revision), last.time);
  const round = { time: claim.version, revision: claim.revision, compacted: false };
  if (!claim.succeeded || last.revision === 0) return round;
  try {
    await etcd.compact(last.revision);
  } catch (error) {
    if (!isEtcdFailure(error, 'compacted')) throw error;
  }
  return { ...round, compacted: true };
}

/** Runs until the signal aborts. Failures are logged and tried again after the next interval. */
export async function runCompactor({ etcd, clock, log, intervalMs, signal }: CompactorOptions): Promise<void> {
  if (intervalMs <= 0) return;
  let last: Round = { time: 0, revision: 0 };
  while (!signal.aborted) {
    await clock.sleep(intervalMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    try {
      const round = await compactOnce(etcd, last);
      if (round.compacted) log.debug({ revision: last.revision }, 'compacted etcd');
      last = round;
    } catch (error) {
      log.warn({ err: error }, 'compaction of etcd failed');
    }
  }
}
