/**
 * Makes the bitmap of node ports agree with the Services: what a Service holds is taken, and what has belonged to none for
 * three rounds (a crash between allocation and write) is free again. Upstream: `portallocator/controller/repair.go`.
 */
import { services } from '../../api/core/v1/service';
import type { RangeAllocator } from '../registry/kinds/range-allocator';
import { nodePortsOf } from '../registry/kinds/service-allocations';
import type { Loopback } from '../registry/loopback';
import type { ApiServerController } from './controller';

/** An allocation may be about to get its Service: only what stays unused this many rounds is a leak. */
const roundsBeforeLeak = 3;

/** What to take, what to free, and the unused values with their rounds. Pure. */
export function planRepair(
  taken: ReadonlySet<string>,
  used: ReadonlySet<string>,
  unusedRounds: ReadonlyMap<string, number>,
): { take: string[]; free: string[]; unusedRounds: Map<string, number> } {
  const next = new Map<string, number>();
  const free: string[] = [];
  for (const value of taken) {
    if (used.has(value)) continue;
    const rounds = (unusedRounds.get(value) ?? 0) + 1;
    if (rounds >= roundsBeforeLeak) free.push(value);
    else next.set(value, rounds);
  }
  return { take: [...used].filter((value) => !taken.has(value)), free, unusedRounds: next };
}

export function nodePortRepair(loopback: Loopback, allocator: RangeAllocator): ApiServerController {
  let rounds = new Map<string, number>();
  return {
    name: 'start-service-node-port-repair-controller',
    everyMs: 3 * 60_000,
    async start() {
      const { items } = await loopback.stores.of(services).list(loopback.context, { namespace: '' });
      const held = items.flatMap(({ object }) => nodePortsOf(object));
      const used = new Set(held.filter((port) => allocator.range.offsetOf(port) !== undefined));
      const plan = planRepair(await allocator.taken(), used, rounds);
      rounds = plan.unusedRounds;
      if (!plan.take.length && !plan.free.length) return;
      loopback.log.warn({ take: plan.take, free: plan.free }, 'repairing the node ports of services');
      await allocator.repair(plan.take, plan.free);
    },
  };
}
