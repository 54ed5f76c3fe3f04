/**
 * When the change began that a write of endpoints carries out: the measure of network programming latency. Upstream:
 * `TriggerTimeTracker`.
 */
import type { Pod } from '../../../api/core/v1/pod';
import type { Service } from '../../../api/core/v1/service';
import { keyOf, type Stored } from '../../../api/meta/types';

interface Seen {
  service: string;
  pods: Map<string, string>;
}

/** Remembers, per Service, the times it saw last. */
export class TriggerTimeTracker {
  private readonly seen = new Map<string, Seen>();

  /** The earliest time, RFC 3339, that is new since the last call; undefined when nothing dated changed. */
  lastChange(service: Stored<Service>, pods: readonly Stored<Pod>[]): string | undefined {
    const key = keyOf(service);
    const before = this.seen.get(key);
    const now: Seen = { service: service.metadata.creationTimestamp, pods: new Map() };
    const changed: string[] = [];
    if (now.service > (before?.service ?? '')) changed.push(now.service);
    for (const pod of pods) {
      const time = pod.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
      if (time === undefined) continue;
      now.pods.set(pod.metadata.name, time);
      // Without memory, after a restart, nobody knows which pod changed.
      if (before && time > (before.pods.get(pod.metadata.name) ?? '')) changed.push(time);
    }
    this.seen.set(key, now);
    return changed.sort()[0];
  }

  forget(serviceKey: string): void {
    this.seen.delete(serviceKey);
  }
}
