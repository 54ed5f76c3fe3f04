/** One run: clients work while something is done to the servers; then all comes to rest, and the history is complete. */
import { until } from '../support/until';
import type { ApiClient } from './api-client';
import type { EtcdTruth } from './etcd-truth';
import type { History } from './history';
import { bulkNamespace, collection, configMap, namespace, revisionOf, sides } from './objects';
import type { Random } from './random';
import { runReader } from './readers';
import type { Recorder } from './recorder';
import { startWatcher } from './watchers';
import { createCounters, runCounter, runWriter, type WorkerOptions } from './writers';

export interface DriveOptions {
  /** One for each server. */
  clients: readonly ApiClient[];
  truth: EtcdTruth;
  random: Random;
  recorder: Recorder;
  workers?: { writers: number; counters: number; readers: number; watchers: number };
  /** The clients work until it resolves; then every server must answer. */
  perturb(): Promise<void>;
}

const defaultWorkers = { writers: 4, counters: 2, readers: 4, watchers: 6 };

export async function drive(options: DriveOptions): Promise<History> {
  const { clients, truth, random, recorder, workers = defaultWorkers } = options;
  await createNamespaces(clients[0]!);
  await createCounters({ name: 'counters', clients, recorder });
  const [writing, watching] = [new AbortController(), new AbortController()];
  const start = (role: string, count: number, signal: AbortSignal, run: (worker: WorkerOptions) => Promise<void>) =>
    Array.from({ length: count }, (_, i) =>
      run({ name: `${role} ${i}`, clients, random: random.fork(), recorder, signal }),
    );
  const watchers = Array.from({ length: workers.watchers }, (_, i) => {
    const side = [undefined, ...sides][i % 3];
    const name = `watcher ${i}${side ? ` of ${side}` : ''}`;
    const worker = { name, clients, random: random.fork(), recorder, signal: watching.signal };
    return { side, ...startWatcher({ ...worker, ...(side && { side }) }) };
  });
  const busy = [
    ...start('writer', workers.writers, writing.signal, runWriter),
    ...start('counter', workers.counters, writing.signal, runCounter),
    ...start('reader', workers.readers, writing.signal, runReader),
  ];
  try {
    await options.perturb();
  } finally {
    writing.abort();
    await Promise.all(busy);
  }
  const last = await writeMarkers(clients[0]!, recorder);
  const newest = Math.max(...Object.values(last));
  const goalOf = ({ side }: { side: string | undefined }): number => (side ? last[side]! : newest);
  for (const each of watchers) each.watcher.mustReach(goalOf(each));
  // Who does not get there is told by the verification.
  await until(
    'all watchers have seen the last write',
    () => watchers.every((each) => each.watcher.reached >= goalOf(each)),
    { everyMs: 20 },
  ).catch(() => undefined);
  watching.abort();
  await Promise.all(watchers.map(({ done }) => done));
  await truth.reach(newest);
  const { operations, watches, slow } = recorder;
  return { stored: [...truth.changes], operations, watches, ...(slow && { slow }) };
}

async function createNamespaces(client: ApiClient): Promise<void> {
  for (const name of [namespace, bulkNamespace]) {
    const { code } = await client.send('POST', '/api/v1/namespaces', { metadata: { name } });
    if (code !== 201 && code !== 409) throw new Error(`cannot create the namespace ${name}: ${code}`);
  }
}

/** The last write that each watcher sees; by side, and under '' the one that only unselective watchers see. */
async function writeMarkers(client: ApiClient, recorder: Recorder): Promise<Record<string, number>> {
  const revisions: Record<string, number> = {};
  for (const side of [...sides, 'none']) {
    const id = recorder.newId('marker');
    revisions[side] = await until(`the last write of ${side}`, async () => {
      const answer = await client.send('POST', collection, configMap(`marker-${side}-${Date.now()}`, id, side));
      return answer.code === 201 ? revisionOf(answer.body) : undefined;
    });
  }
  return revisions;
}
