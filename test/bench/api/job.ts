/** What load generators are told and answer. */
import type { Target } from './raw-connection';

/** `{i}` in path and body becomes a number that counts from `first`, modulo `modulo`; `{now}` the time in milliseconds. */
export interface RequestJob {
  kind: 'requests';
  target: Target;
  inFlight: number;
  total: number;
  method: string;
  path: string;
  body?: string;
  contentType?: string;
  first: number;
  modulo: number;
  /** Sends no faster than this. */
  perSecond?: number;
}

/** Opens watches and says `opened`; on `report`, tells of the events since. Ends with its parent. */
export interface WatchJob {
  kind: 'watches';
  target: Target;
  connections: number;
  path: string;
}

export interface RequestReport {
  /** Milliseconds of each request. */
  latencies: number[];
  failed: number;
  startedAt: number;
  endedAt: number;
}

export interface WatchReport {
  events: number;
  /** Milliseconds from the sending of a write to its event, of every tenth watch. */
  latencies: number[];
  lastAt: number;
  closed: number;
}

export const nowMs = (): number => performance.timeOrigin + performance.now();
