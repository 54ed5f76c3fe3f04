/**
 * Between which revisions an operation must have taken effect, by the clock: after all that somebody knew before it began, and
 * before all that began when it was over. This is what makes reads linearizable and not only consistent.
 */
import type { Operation } from '../history';

/** The revision that an operation proves to exist once it is over. */
function provenBy(operation: Operation): number {
  if (operation.kind === 'write') return operation.outcome === 'ok' ? (operation.revision ?? 0) : 0;
  if (operation.kind === 'read') return operation.found?.revision ?? 0;
  return operation.kind === 'list' ? operation.revision : 0;
}

export class RealTime {
  private readonly completions: { at: number; revision: number }[];
  private readonly beginnings: { at: number; revision: number }[];

  constructor(operations: readonly Operation[]) {
    let highest = 0;
    this.completions = operations
      .map((operation) => ({ at: operation.completedAt, revision: provenBy(operation) }))
      .filter(({ revision }) => revision > 0)
      .toSorted((a, b) => a.at - b.at)
      .map(({ at, revision }) => ({ at, revision: (highest = Math.max(highest, revision)) }));
    let lowest = Infinity;
    this.beginnings = operations
      .filter((operation) => operation.kind === 'write' && operation.outcome === 'ok' && operation.revision)
      .map((operation) => ({ at: operation.invokedAt, revision: provenBy(operation) }))
      .toSorted((a, b) => b.at - a.at)
      .map(({ at, revision }) => ({ at, revision: (lowest = Math.min(lowest, revision)) }))
      .reverse();
  }

  /** What existed for certain before this time. */
  earliest(invokedAt: number): number {
    return last(this.completions, ({ at }) => at < invokedAt)?.revision ?? 0;
  }

  /** What cannot have existed yet at this time. */
  before(completedAt: number): number {
    const index = partition(this.beginnings, ({ at }) => at <= completedAt);
    return this.beginnings[index]?.revision ?? Infinity;
  }
}

/** How many of the first elements satisfy a test that none satisfies after one that does not. */
function partition<T>(sorted: readonly T[], test: (element: T) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (test(sorted[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

const last = <T>(sorted: readonly T[], test: (element: T) => boolean): T | undefined =>
  sorted[partition(sorted, test) - 1];
