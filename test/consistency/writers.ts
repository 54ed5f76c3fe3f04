/** Clients that create, change and delete the same few objects, and ones that count by reading and writing back. */
import { type Answer, type ApiClient, NoAnswer } from './api-client';
import type { Outcome, WriteOperation } from './history';
import { collection, configMap, itemOf, revisionOf, sides } from './objects';
import type { Random } from './random';
import type { Recorder } from './recorder';

export interface WorkerOptions {
  name: string;
  /** One for each API server. */
  clients: readonly ApiClient[];
  random: Random;
  recorder: Recorder;
  signal: AbortSignal;
}

export const objectCount = 12;
export const counterCount = 2;
const counterName = (index: number): string => `counter-${index}`;

/** Answers of 5xx say nothing about the write: etcd may have carried it out. */
const outcomeOf = ({ code }: Answer): Outcome => (code < 300 ? 'ok' : code < 500 ? 'failed' : 'unknown');

type Write = Omit<WriteOperation, 'client' | 'invokedAt' | 'completedAt'>;

async function write(
  client: ApiClient,
  request: { method: string; path: string; body?: object },
  facts: Pick<WriteOperation, 'verb' | 'key' | 'id' | 'basis'>,
): Promise<Write> {
  try {
    const answer = await client.send(request.method, request.path, request.body);
    const outcome = outcomeOf(answer);
    const revision = outcome === 'ok' && facts.verb !== 'delete' ? revisionOf(answer.body) : undefined;
    return { kind: 'write', ...facts, outcome, ...(revision !== undefined && { revision }) };
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return { kind: 'write', ...facts, outcome: error.sent ? 'unknown' : 'failed' };
  }
}

/** Until the signal aborts. */
export async function runWriter({ name, clients, random, recorder, signal }: WorkerOptions): Promise<void> {
  while (!signal.aborted) {
    const key = `object-${random.below(objectCount)}`;
    const path = `${collection}/${key}`;
    const client = random.pick(clients);
    const id = recorder.newId(name);
    const side = random.pick(sides);
    const dice = random.next();
    await recorder.record(name, () => {
      if (dice < 0.3) {
        return write(
          client,
          { method: 'POST', path: collection, body: configMap(key, id, side) },
          { verb: 'create', key, id },
        );
      }
      if (dice < 0.55) {
        return write(client, { method: 'PUT', path, body: configMap(key, id, side) }, { verb: 'update', key, id });
      }
      if (dice < 0.85) {
        const body = { metadata: { labels: { side } }, data: { id } };
        return write(client, { method: 'PATCH', path, body }, { verb: 'update', key, id });
      }
      return write(client, { method: 'DELETE', path }, { verb: 'delete', key, id: '' });
    });
    await pause(random, signal);
  }
}

export async function createCounters({
  name,
  clients,
  recorder,
}: Omit<WorkerOptions, 'random' | 'signal'>): Promise<void> {
  for (let index = 0; index < counterCount; index++) {
    const key = counterName(index);
    const id = recorder.newId(name);
    const body = configMap(key, id, 'left', { count: '0' });
    await recorder.record(name, () =>
      write(clients[0]!, { method: 'POST', path: collection, body }, { verb: 'create', key, id }),
    );
  }
}

/** Reads a counter and writes it back, one higher, if nobody else did meanwhile. */
export async function runCounter({ name, clients, random, recorder, signal }: WorkerOptions): Promise<void> {
  while (!signal.aborted) {
    const key = counterName(random.below(counterCount));
    const path = `${collection}/${key}`;
    let current: any;
    await recorder.record(name, async () => {
      const answer = await random
        .pick(clients)
        .send('GET', path)
        .catch(() => undefined);
      if (answer?.code !== 200) return undefined;
      current = answer.body;
      const { revision, id } = itemOf(current);
      return { kind: 'read', key, found: { revision, id } };
    });
    if (current) {
      const id = recorder.newId(name);
      const basis = revisionOf(current);
      const count = String(Number(current.data.count) + 1);
      const body = { ...current, data: { ...current.data, id, count } };
      await recorder.record(name, () =>
        write(random.pick(clients), { method: 'PUT', path, body }, { verb: 'update', key, id, basis }),
      );
    }
    await pause(random, signal);
  }
}

/** So that one client's requests do not follow each other in lockstep with another's. */
export function pause(random: Random, signal: AbortSignal, maxMs = 8): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => setTimeout(resolve, random.between(0, maxMs)));
}
