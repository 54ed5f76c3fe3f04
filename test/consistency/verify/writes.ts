/** Acknowledged writes happened, once; refused ones did not; and nothing was written over unseen. */
import type { Operation, Violation, WriteOperation } from '../history';
import type { RealTime } from './real-time';
import type { Timeline } from './timeline';

export const writesOf = (operations: readonly Operation[]): WriteOperation[] =>
  operations.filter((operation) => operation.kind === 'write');

const named = ({ client, verb, key, id }: WriteOperation): string => `${client}: ${verb} of ${key} (${id})`;

export function verifyWrites(timeline: Timeline, operations: readonly Operation[]): Violation[] {
  const violations: Violation[] = [];
  const times = new Map<string, number>();
  for (const { id } of timeline.changes) if (id) times.set(id, (times.get(id) ?? 0) + 1);
  for (const write of writesOf(operations)) {
    if (write.verb === 'delete') {
      if (write.outcome === 'ok' && !write.revision) {
        violations.push({ rule: 'lost write', detail: `${named(write)} was acknowledged and never happened` });
      }
      continue;
    }
    const count = times.get(write.id) ?? 0;
    if (count > 1) violations.push({ rule: 'repeated write', detail: `${named(write)} happened ${count} times` });
    if (write.outcome === 'failed' && count > 0) {
      violations.push({ rule: 'phantom write', detail: `${named(write)} was refused and happened` });
    }
    if (write.outcome === 'ok') {
      const found = timeline.changesOf(write.key).find(({ revision }) => revision === write.revision);
      if (found?.id !== write.id) {
        violations.push({ rule: 'lost write', detail: `${named(write)} at ${write.revision}: found ${found?.id}` });
      }
    }
  }
  return violations;
}

/**
 * Deletions are answered without their revision. Gives the same operations with the first one that it can have been; deletions
 * that never happened stay without.
 */
export function withDeletionRevisions(
  timeline: Timeline,
  operations: readonly Operation[],
  time: RealTime,
): readonly Operation[] {
  return operations.map((operation) => {
    if (operation.kind !== 'write' || operation.verb !== 'delete' || operation.outcome !== 'ok') return operation;
    const [after, before] = [time.earliest(operation.invokedAt), time.before(operation.completedAt)];
    const found = timeline
      .changesOf(operation.key)
      .find(({ type, revision }) => type === 'delete' && revision > after && revision < before);
    return found ? { ...operation, revision: found.revision } : operation;
  });
}

/** Writes that required a revision replaced exactly that one, and counters went up by one each time. */
export function verifyUpdates(timeline: Timeline, operations: readonly Operation[]): Violation[] {
  const violations: Violation[] = [];
  for (const write of writesOf(operations)) {
    if (write.basis === undefined || write.outcome !== 'ok') continue;
    const before = timeline.changesOf(write.key).findLast(({ revision }) => revision < (write.revision ?? 0));
    if (before?.revision !== write.basis) {
      const detail = `${named(write)} required revision ${write.basis} and replaced ${before?.revision}`;
      violations.push({ rule: 'lost update', detail });
    }
  }
  const counts = new Map<string, number>();
  for (const { key, count, revision, type } of timeline.changes) {
    if (type === 'delete') counts.delete(key);
    if (count === undefined) continue;
    const before = counts.get(key);
    if (before !== undefined && count !== before + 1) {
      violations.push({ rule: 'lost update', detail: `${key} went from ${before} to ${count} at ${revision}` });
    }
    counts.set(key, count);
  }
  return violations;
}
