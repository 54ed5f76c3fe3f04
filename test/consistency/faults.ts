/** What goes wrong during a run, and when: a plan that follows from its seed, and the hands that carry it out. */
import type { ApiServerProcess } from '../support/apiserver-process';
import type { TestEtcd } from '../support/etcd';
import type { ApiClient } from './api-client';
import type { EtcdTruth } from './etcd-truth';
import { collection } from './objects';
import type { Random } from './random';
import type { Recorder } from './recorder';

export type Fault =
  | { type: 'kill server'; server: number }
  | { type: 'freeze server'; server: number; forMs: number }
  | { type: 'kill etcd' }
  | { type: 'freeze etcd'; forMs: number }
  | { type: 'compact' };

export type PlannedFault = Fault & { pauseMs: number };

const kinds: readonly Fault['type'][] = ['compact', 'kill server', 'freeze etcd', 'freeze server', 'kill etcd'];

/** At least `count` faults: every kind comes before one comes again. */
export function planFaults(random: Random, count: number, servers: number): PlannedFault[] {
  const plan: PlannedFault[] = [];
  while (plan.length < count) {
    const round = kinds.map((type) => ({ type, order: random.next() })).toSorted((a, b) => a.order - b.order);
    for (const { type } of round) {
      const server = random.below(servers);
      const forMs = Math.round(random.between(200, 900));
      const pauseMs = Math.round(random.between(100, 700));
      if (type === 'kill server') plan.push({ type, server, pauseMs });
      else if (type === 'freeze server') plan.push({ type, server, forMs, pauseMs });
      else if (type === 'freeze etcd') plan.push({ type, forMs, pauseMs });
      else plan.push({ type, pauseMs });
    }
  }
  return plan;
}

export interface Hands {
  servers: readonly ApiServerProcess[];
  clients: readonly ApiClient[];
  etcd: TestEtcd;
  truth: EtcdTruth;
  recorder: Recorder;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const executors: { [T in Fault['type']]: (fault: Extract<Fault, { type: T }>, hands: Hands) => Promise<void> } = {
  async 'kill server'({ server }, { servers, clients, recorder }) {
    await servers[server]!.restart();
    await probeOldWatch(clients[server]!, recorder);
  },
  async 'freeze server'({ server, forMs }, { servers }) {
    servers[server]!.freeze();
    await sleep(forMs);
    servers[server]!.thaw();
  },
  'kill etcd': (_fault, { etcd }) => etcd.restart(),
  async 'freeze etcd'({ forMs }, { etcd }) {
    etcd.freeze();
    await sleep(forMs);
    etcd.thaw();
  },
  compact: (_fault, hands) => compactAndProbe(hands),
};

export async function carryOut(plan: readonly PlannedFault[], hands: Hands, deadline: number): Promise<number> {
  let done = 0;
  for (const fault of plan) {
    if (performance.now() > deadline) break;
    await (executors[fault.type] as (fault: Fault, hands: Hands) => Promise<void>)(fault, hands);
    await sleep(fault.pauseMs);
    done++;
  }
  return done;
}

/** A server's history begins with its process: the first revision is long gone. */
async function probeOldWatch(client: ApiClient, recorder: Recorder): Promise<void> {
  await recorder.record('prober', async () => {
    let code: number | undefined;
    const giveUp = AbortSignal.timeout(5_000);
    await client.watch(
      `${collection}?watch=1&resourceVersion=1`,
      ({ type, object }) => (code ??= type === 'ERROR' ? (object.code as number) : 200),
      giveUp,
    );
    return code === undefined ? undefined : { kind: 'probe', what: 'a watch from before the server began', code };
  });
}

/** Old revisions and the pages of old lists are gone once etcd has discarded its history. */
async function compactAndProbe({ clients, truth, recorder }: Hands): Promise<void> {
  const ask = (path: string) => clients[0]!.send('GET', path).catch(() => undefined);
  const page = await ask(`${collection}?limit=1`);
  const token: string | undefined = page?.body?.metadata?.continue;
  const listedAt = Number(page?.body?.metadata?.resourceVersion ?? 0);
  const compactedTo = await truth.compact().catch(() => 0);
  if (!compactedTo) return;
  const probe = async (what: string, path: string): Promise<void> =>
    recorder.record('prober', async () => {
      const answer = await ask(path);
      // A server that cannot answer has not answered wrongly.
      return !answer || answer.code >= 500 ? undefined : { kind: 'probe', what, code: answer.code };
    });
  const exact = `resourceVersionMatch=Exact&resourceVersion=${compactedTo - 1}`;
  await probe(`a list of revision ${compactedTo - 1}, compacted to ${compactedTo},`, `${collection}?${exact}`);
  if (token && listedAt < compactedTo) {
    await probe(
      `a page of revision ${listedAt}, compacted to ${compactedTo},`,
      `${collection}?limit=1&continue=${encodeURIComponent(token)}`,
    );
  }
}
