/** A clock that nobody sets and that goes on over the end of a process. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface BootClock {
  /** Of one machine since one start of it: only times under the same id can be compared. */
  readonly bootId: string;
  /** Milliseconds. */
  now(): number;
}

/** Linux counts CLOCK_MONOTONIC from its start, for all processes alike. */
export function createBootClock(bootIdFile = '/proc/sys/kernel/random/boot_id'): BootClock {
  return { bootId: readBootId(bootIdFile), now: () => Number(process.hrtime.bigint() / 1_000_000n) };
}

/** Where it cannot be told, no process shares its time with another. */
function readBootId(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return randomUUID();
  }
}
