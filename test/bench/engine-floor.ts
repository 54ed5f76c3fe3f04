/**
 * What the engine itself needs for as many pods without network: a pause container and one that joins it, started and
 * removed directly through its API, as many at a time as a kubelet would.
 */
import { randomBytes } from 'node:crypto';
import type { BenchEngine } from './bench-engine';
import { replicas } from './lab';
import { type EngineFloor, seconds } from './measurement';

const label = 'kubelab-bench-floor';
export const concurrencies = [8, 16];

async function inFlight<T, R>(limit: number, items: T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index] as T);
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return results;
}

interface Pair {
  sandbox: string;
  container: string;
}

async function startPair(engine: BenchEngine, name: string): Promise<Pair> {
  const common = { Labels: { [label]: '' } };
  const sandbox = await engine.create(`${name}-pause`, {
    ...common,
    Image: 'kubelab/pause:1',
    NetworkDisabled: true,
    HostConfig: { NetworkMode: 'none', IpcMode: 'shareable' },
  });
  await engine.start(sandbox);
  const container = await engine.create(`${name}-demo`, {
    ...common,
    Image: 'kubelab/demo:v1',
    HostConfig: { NetworkMode: `container:${sandbox}`, IpcMode: `container:${sandbox}` },
  });
  await engine.start(container);
  return { sandbox, container };
}

/** The machine is not as fast at the end as at the beginning: what is measured in between is held against both. */
export function meanOf(floors: readonly Map<number, EngineFloor>[]): Map<number, EngineFloor> {
  const mean = (limit: number, part: keyof EngineFloor): number =>
    floors.reduce((sum, floor) => sum + (floor.get(limit)?.[part] ?? NaN), 0) / floors.length;
  return new Map(concurrencies.map((limit) => [limit, { start: mean(limit, 'start'), remove: mean(limit, 'remove') }]));
}

/** By concurrency. What it started is removed, also when it fails. */
export async function measureEngineFloor(engine: BenchEngine): Promise<Map<number, EngineFloor>> {
  const floors = new Map<number, EngineFloor>();
  const run = randomBytes(3).toString('hex');
  try {
    for (const limit of concurrencies) {
      const names = Array.from({ length: replicas }, (_, n) => `${label}-${run}-${limit}-${n}`);
      let pairs: Pair[] = [];
      const start = await seconds(async () => {
        pairs = await inFlight(limit, names, (name) => startPair(engine, name));
      });
      const remove = await seconds(() =>
        inFlight(limit, pairs, async ({ sandbox, container }) => {
          await engine.remove(container);
          await engine.remove(sandbox);
        }),
      );
      floors.set(limit, { start, remove });
    }
  } finally {
    for (const id of await engine.list([label])) await engine.remove(id).catch(() => {});
  }
  return floors;
}
