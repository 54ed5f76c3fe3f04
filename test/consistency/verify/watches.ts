/** Watches deliver what happened: in order, once, without gaps, as their selector sees it; across every resumption. */
import type { SeenEvent, StoredChange, Violation, WatchSession } from '../history';
import type { Timeline } from './timeline';

export function verifyWatch(timeline: Timeline, watch: WatchSession): Violation[] {
  const name = `${watch.client} from ${watch.from}`;
  const expected = expectedEvents(timeline, watch);
  const byRevision = new Map(expected.map((event) => [event.revision, event]));
  const seen = new Set<number>();
  const violations: Violation[] = [];
  const report = (rule: Violation['rule'], detail: string): void =>
    void violations.push({ rule, detail: `${name}: ${detail}` });
  let reached = watch.from;
  for (const event of watch.events) {
    const what = `${event.type} ${event.key} at ${event.revision}`;
    if (event.type === 'BOOKMARK') {
      if (event.revision < reached) report('event reordered', `${what} after ${reached}`);
    } else if (seen.has(event.revision)) report('event duplicated', what);
    else if (event.revision <= reached) report('event reordered', `${what} after ${reached}`);
    else {
      const wanted = byRevision.get(event.revision);
      if (!wanted || wanted.type !== event.type || wanted.key !== event.key || (wanted.id ?? event.id) !== event.id) {
        report(
          'event wrong',
          `${what} (${event.id}), not ${wanted ? `${wanted.type} ${wanted.key} (${wanted.id})` : 'any'}`,
        );
      }
    }
    if (event.type !== 'BOOKMARK') seen.add(event.revision);
    reached = Math.max(reached, event.revision);
  }
  for (const event of expected) {
    if (event.revision > reached || seen.has(event.revision)) continue;
    report('event dropped', `${event.type} ${event.key} at ${event.revision}, having reached ${reached}`);
  }
  if (watch.mustReach !== undefined && reached < watch.mustReach) {
    report('watch behind', `reached ${reached} of ${watch.mustReach}`);
  }
  return violations;
}

/** All events after `from` as the session's selector sees them. `id` is left out where it is an older state's. */
function expectedEvents(timeline: Timeline, { from, side }: WatchSession): SeenEvent[] {
  const selects = (state: StoredChange | undefined): boolean =>
    state !== undefined && (side === undefined || state.side === side);
  const current = new Map(timeline.snapshot(from).map((state) => [state.key, state]));
  return timeline.changes
    .filter(({ revision }) => revision > from)
    .flatMap((change): SeenEvent[] => {
      const before = current.get(change.key);
      const after = change.type === 'put' ? change : undefined;
      if (after) current.set(change.key, after);
      else current.delete(change.key);
      const { key, revision, id } = change;
      if (selects(after)) return [{ type: selects(before) ? 'MODIFIED' : 'ADDED', key, revision, ...(id && { id }) }];
      return selects(before) ? [{ type: 'DELETED', key, revision }] : [];
    });
}
