/**
 * What a controller has asked for and not yet seen in its cache, so that it does not ask twice. Upstream:
 * `pkg/controller/controller_utils.go`, ControllerExpectations with deletions tracked by key (UIDTracking).
 */
import type { Clock } from '../component-base/clock';

/** A lost event must not stop a controller for good. */
const timeoutMs = 5 * 60 * 1000;

interface Expected {
  creations: number;
  deletions: Set<string>;
  setAt: number;
}

export interface Expectations {
  /** True when all was seen, nothing is expected, or it is too long ago. */
  satisfied(key: string): boolean;
  /** `count` creations are about to be sent; replaces what was expected before. */
  expectCreations(key: string, count: number): void;
  /** The objects with these keys (or UIDs) are about to be deleted; replaces what was expected before. */
  expectDeletions(key: string, deleted: readonly string[]): void;
  /** Whether this one was told to go and its deletion was not seen yet. */
  expectsDeletion(key: string, deleted: string): boolean;
  /** A creation was seen, or failed. */
  creationObserved(key: string, count?: number): void;
  /** A deletion was seen, or failed. */
  deletionObserved(key: string, deleted: string): void;
  /** The controlling object is gone. */
  delete(key: string): void;
}

export function createExpectations(clock: Clock): Expectations {
  const expected = new Map<string, Expected>();
  return {
    satisfied(key) {
      const entry = expected.get(key);
      if (!entry) return true;
      return (entry.creations <= 0 && entry.deletions.size === 0) || clock.now() - entry.setAt > timeoutMs;
    },
    expectCreations(key, count) {
      expected.set(key, { creations: count, deletions: new Set(), setAt: clock.now() });
    },
    expectDeletions(key, deleted) {
      expected.set(key, { creations: 0, deletions: new Set(deleted), setAt: clock.now() });
    },
    expectsDeletion: (key, deleted) => expected.get(key)?.deletions.has(deleted) ?? false,
    creationObserved(key, count = 1) {
      const entry = expected.get(key);
      if (entry) entry.creations -= count;
    },
    deletionObserved(key, deleted) {
      expected.get(key)?.deletions.delete(deleted);
    },
    delete: (key) => void expected.delete(key),
  };
}
