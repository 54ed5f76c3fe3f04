/** Everything that a history must keep to. Pure: the same history gives the same violations. */
import type { History, Violation } from '../history';
import { verifyReads } from './reads';
import { RealTime } from './real-time';
import { Timeline } from './timeline';
import { verifyWatch } from './watches';
import { verifyUpdates, verifyWrites, withDeletionRevisions } from './writes';

export function verify({ stored, operations: recorded, watches, slow }: History): Violation[] {
  const timeline = new Timeline(stored);
  const operations = withDeletionRevisions(timeline, recorded, new RealTime(recorded));
  const time = new RealTime(operations);
  const violations = [
    ...verifyWrites(timeline, operations),
    ...verifyUpdates(timeline, operations),
    ...verifyReads(timeline, operations, time),
    ...watches.flatMap((watch) => verifyWatch(timeline, watch)),
  ];
  if (slow && !slow.cut) violations.push({ rule: 'slow watcher', detail: 'it was never cut off' });
  if (slow && slow.othersReceived < slow.othersExpected) {
    const detail = `another watcher got ${slow.othersReceived} of ${slow.othersExpected} events`;
    violations.push({ rule: 'slow watcher', detail });
  }
  return violations;
}
