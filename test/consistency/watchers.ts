/** A client that follows the objects: lists, watches, resumes on any server after a cut, and lists again after 410. */
import type { ApiClient } from './api-client';
import type { WatchSession } from './history';
import { collection, itemOf, revisionOf, seenEventOf, selectorQuery } from './objects';
import { pause, type WorkerOptions } from './writers';

export interface Watcher {
  /** How far it has seen everything. */
  readonly reached: number;
  /** Asks that the session has seen everything up to there when it ends. */
  mustReach(revision: number): void;
}

/** Runs until the signal aborts. Now and then it leaves by itself, to resume elsewhere. */
export function startWatcher(options: WorkerOptions & { side?: string }): { watcher: Watcher; done: Promise<void> } {
  const { name, clients, random, recorder, signal, side } = options;
  const selector = selectorQuery(side);
  let session: WatchSession | undefined;
  let required: number | undefined;

  const reachedBy = ({ from, events }: WatchSession): number => events.at(-1)?.revision ?? from;

  const begin = async (client: ApiClient): Promise<void> => {
    await recorder.record(name, async () => {
      const answer = await client.send('GET', `${collection}?${selector}`).catch(() => undefined);
      if (answer?.code !== 200) return undefined;
      const revision = revisionOf(answer.body);
      session = { client: name, ...(side && { side }), from: revision, events: [], resumptions: 0, expired: false };
      if (required !== undefined) session.mustReach = required;
      recorder.watches.push(session);
      return { kind: 'list', ...(side && { side }), cached: false, revision, items: answer.body.items.map(itemOf) };
    });
  };

  const follow = async (client: ApiClient, current: WatchSession): Promise<void> => {
    const leave = new AbortController();
    const stop = (): void => leave.abort();
    signal.addEventListener('abort', stop, { once: true });
    const timer = setTimeout(stop, random.between(200, 3_000));
    const query = `watch=1&allowWatchBookmarks=true&resourceVersion=${reachedBy(current)}&${selector}`;
    current.resumptions++;
    await client.watch(
      `${collection}?${query}`,
      ({ type, object }) => {
        if (type === 'ERROR') {
          if (object.code === 410) expire(current);
        } else if (!current.expired && !leave.signal.aborted) current.events.push(seenEventOf(type, object));
      },
      leave.signal,
    );
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  };
  const expire = (current: WatchSession): void => {
    current.expired = true;
    delete current.mustReach;
    session = undefined;
  };

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const client = random.pick(clients);
      if (session) await follow(client, session);
      else await begin(client);
      await pause(random, signal, 50);
    }
  };
  return {
    watcher: {
      get reached() {
        return session ? reachedBy(session) : 0;
      },
      mustReach(revision) {
        required = revision;
        if (session) session.mustReach = revision;
      },
    },
    done: run(),
  };
}
