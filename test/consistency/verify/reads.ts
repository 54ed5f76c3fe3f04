/** Unversioned reads are linearizable; lists are one revision's whole truth. */
import type { ListOperation, Operation, ReadOperation, Violation } from '../history';
import type { RealTime } from './real-time';
import type { Timeline } from './timeline';

export function verifyReads(timeline: Timeline, operations: readonly Operation[], time: RealTime): Violation[] {
  return operations.flatMap((operation) => {
    if (operation.kind === 'read') return verifyRead(timeline, operation, time);
    if (operation.kind === 'list') return verifyList(timeline, operation, time);
    if (operation.kind === 'probe' && operation.code !== 410) {
      return [{ rule: 'not expired' as const, detail: `${operation.what} was answered with ${operation.code}` }];
    }
    return [];
  });
}

/** Some state of the object that the clock allows is the one that was answered. */
function verifyRead(timeline: Timeline, read: ReadOperation, time: RealTime): Violation[] {
  const spans = timeline
    .spansOf(read.key)
    .filter(({ state, revision }) =>
      read.found ? state?.id === read.found.id && revision === read.found.revision : !state,
    );
  const what = `${read.client}: get of ${read.key} gave ${read.found ? `${read.found.id} at ${read.found.revision}` : 'nothing'}`;
  if (!spans.length) return [{ rule: 'phantom write', detail: `${what}, which never was` }];
  const [after, before] = [time.earliest(read.invokedAt), time.before(read.completedAt)];
  // A span ends before the revision that replaced it.
  if (spans.every(({ until }) => until <= after)) {
    return [{ rule: 'stale read', detail: `${what}, when revision ${after} was known` }];
  }
  if (spans.every(({ revision, until }) => revision >= before || until <= after)) {
    return [{ rule: 'future read', detail: `${what}, before revision ${before} was asked for` }];
  }
  return [];
}

function verifyList(timeline: Timeline, list: ListOperation, time: RealTime): Violation[] {
  const what = `${list.client}: list${list.side ? ` of ${list.side}` : ''} at ${list.revision}`;
  const violations: Violation[] = [];
  const after = time.earliest(list.invokedAt);
  if (!list.cached && list.revision < after) {
    violations.push({ rule: 'stale list', detail: `${what}, when revision ${after} was known` });
  }
  const expected = new Map(
    timeline
      .snapshot(list.revision)
      .filter(({ side }) => list.side === undefined || side === list.side)
      .map((state) => [state.key, state]),
  );
  const given = new Map(list.items.map((item) => [item.key, item]));
  if (given.size !== list.items.length) violations.push({ rule: 'torn list', detail: `${what} gives objects twice` });
  for (const key of new Set([...expected.keys(), ...given.keys()])) {
    const [wanted, got] = [expected.get(key), given.get(key)];
    if (wanted?.revision === got?.revision && wanted?.id === got?.id) continue;
    violations.push({
      rule: 'torn list',
      detail: `${what} gives ${key} ${got ? `as of ${got.revision}` : 'not at all'}, not ${wanted ? `as of ${wanted.revision}` : 'absent'}`,
    });
  }
  return violations;
}
