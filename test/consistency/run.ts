/** A whole run from a seed: starts the processes, lets clients work while the plan is carried out, and verifies. */
import { createApiClient } from './api-client';
import { startConsistencyCluster } from './cluster';
import { drive } from './drive';
import { followEtcd } from './etcd-truth';
import { carryOut, planFaults } from './faults';
import type { History, Violation } from './history';
import { Random } from './random';
import { Recorder } from './recorder';
import { runSlowWatch } from './slow-watcher';
import { verify } from './verify';

export interface RunOptions {
  seed: number;
  /** Faults begin until then; the run takes some seconds more. */
  durationMs: number;
  servers?: number;
  tell(line: string): void;
}

export interface RunResult {
  history: History;
  violations: Violation[];
  faults: number;
}

/** Fast faults follow each other within this time on average; the plan is made long enough for all. */
const shortestFaultMs = 100;

export async function runConsistency({ seed, durationMs, servers = 2, tell }: RunOptions): Promise<RunResult> {
  const random = new Random(seed);
  const plan = planFaults(random.fork(), durationMs / shortestFaultMs, servers);
  const cluster = await startConsistencyCluster(servers);
  const clients = cluster.clientOptions.map(createApiClient);
  const truth = followEtcd(cluster.etcd.endpoints);
  const recorder = new Recorder();
  let faults = 0;
  try {
    const history = await drive({
      clients,
      truth,
      random,
      recorder,
      async perturb() {
        tell('a watcher that does not read …');
        recorder.slow = await runSlowWatch(clients[0]!, cluster.clientOptions[0]!);
        tell('faults …');
        faults = await carryOut(plan, { ...cluster, clients, truth, recorder }, performance.now() + durationMs);
      },
    });
    return { history, violations: verify(history), faults };
  } finally {
    for (const client of clients) client.close();
    truth.close();
    await cluster.remove();
  }
}

/** What a history holds, in one line. */
export function summarize({ history: { stored, operations, watches }, faults }: RunResult): string {
  const count = (kind: string): number => operations.filter((operation) => operation.kind === kind).length;
  const unknown = operations.filter(
    (operation) => operation.kind === 'write' && operation.outcome === 'unknown',
  ).length;
  const events = watches.reduce((sum, watch) => sum + watch.events.length, 0);
  const resumptions = watches.reduce((sum, watch) => sum + watch.resumptions, 0);
  return (
    `${faults} faults, ${stored.length} changes, ${count('write')} writes (${unknown} of unknown outcome), ` +
    `${count('read')} gets, ${count('list')} lists, ${count('probe')} probes of discarded history, ` +
    `${events} events in ${watches.length} watches with ${resumptions} connections`
  );
}
