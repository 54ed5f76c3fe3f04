/**
 * Discards etcd's old history, keeping one to two intervals of it for watches and continued lists. A mark in etcd tells which
 * revision was current when: once it is an interval old, what that revision had replaced goes, and the next mark is made. So
 * several API servers compact as one, and the interval goes on while they restart, where upstream's `etcd3/compact.go` begins
 * anew.
 */
import type { BootClock } from '../../component-base/boot-clock';
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';
import type { Etcd } from './etcd';
import { isEtcdFailure } from './etcd-errors';
import { registryRoot } from './keys';

export const compactRevisionKey = `${registryRoot}compact_rev_key`;

/** By that time, everything before `revision` had been replaced. */
interface HistoryMark {
  revision: number;
  bootId: string;
  atMs: number;
}

export interface CompactorDeps {
  etcd: Pick<Etcd, 'range' | 'put' | 'compact'>;
  bootClock: BootClock;
  intervalMs: number;
}

export class Compactor {
  /** The mark as this process found it first: which revision of the key, and when. */
  private found = { revision: 0, atMs: 0 };

  constructor(private readonly deps: CompactorDeps) {}

  /** Compacts if the mark is old enough. Gives for how long there is nothing to do. */
  async round(): Promise<number> {
    const { etcd, bootClock, intervalMs } = this.deps;
    const { kvs, revision } = await etcd.range({ start: compactRevisionKey });
    const nowMs = bootClock.now();
    const [stored] = kvs;
    const mark = stored && parseMark(stored.value);
    if (mark) {
      const leftMs = this.madeAt(mark, stored.revision, nowMs) + intervalMs - nowMs;
      if (leftMs > 0) return leftMs;
      await this.compact(mark.revision);
    }
    const next: HistoryMark = { revision, bootId: bootClock.bootId, atMs: nowMs };
    const { succeeded } = await etcd.put(compactRevisionKey, Buffer.from(JSON.stringify(next)), {
      ifRevision: stored?.revision ?? 0,
    });
    // Beaten by another server: its mark counts.
    return succeeded ? intervalMs : 0;
  }

  /** On the clock of this machine; a mark of another one is as old as it has been known here. */
  private madeAt({ bootId, atMs }: HistoryMark, keyRevision: number, nowMs: number): number {
    if (this.found.revision !== keyRevision) this.found = { revision: keyRevision, atMs: nowMs };
    return bootId === this.deps.bootClock.bootId && atMs <= nowMs ? atMs : this.found.atMs;
  }

  private async compact(revision: number): Promise<void> {
    try {
      await this.deps.etcd.compact(revision);
    } catch (error) {
      if (!isEtcdFailure(error, 'compacted')) throw error;
    }
  }
}

/** Undefined for what is no mark, as earlier versions left there. */
function parseMark(value: Buffer): HistoryMark | undefined {
  try {
    const { revision, bootId, atMs } = JSON.parse(value.toString()) as Partial<HistoryMark>;
    const complete = Number.isSafeInteger(revision) && typeof bootId === 'string' && Number.isFinite(atMs);
    return complete ? { revision: revision!, bootId, atMs: atMs! } : undefined;
  } catch {
    return undefined;
  }
}

export interface CompactorOptions extends CompactorDeps {
  clock: Clock;
  log: Logger;
  signal: AbortSignal;
}

const retryMs = 10_000;

/** Runs until the signal aborts. An interval of 0 never compacts. */
export async function runCompactor({ clock, log, signal, ...deps }: CompactorOptions): Promise<void> {
  if (deps.intervalMs <= 0) return;
  const compactor = new Compactor(deps);
  while (!signal.aborted) {
    const pauseMs = await compactor.round().catch((error: unknown) => {
      if (!signal.aborted) log.warn({ err: error }, 'compaction of etcd failed');
      return retryMs;
    });
    await clock.sleep(pauseMs, signal).catch(() => undefined);
  }
}
