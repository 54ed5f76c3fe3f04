/** Clients that lie as a broken server would: what the verification has to catch. */
import { type ApiClient, type Answer, NoAnswer, type WatchLine } from './api-client';
import type { Violation } from './history';
import { collection } from './objects';

export interface PlantedBug {
  name: string;
  /** One of these has to be reported. */
  caughtAs: readonly Violation['rule'][];
  plant(client: ApiClient): ApiClient;
}

/** Every so many events: what is missing at the end of a stream comes again when it is resumed. */
const isVictim = (index: number): boolean => index % 5 === 4;

/** `change` gets the events so far, the newest last, and gives what to deliver of them now. */
function bendWatch(client: ApiClient, change: (line: WatchLine, index: number) => WatchLine[]): ApiClient {
  return {
    ...client,
    watch(path, onLine, signal) {
      let index = 0;
      return client.watch(path, (line) => change(line, index++).forEach(onLine), signal);
    },
  };
}

/** Keeps the first answer that `chooses` and gives it again for a while, later. */
function repeatAnswer(
  client: ApiClient,
  chooses: (method: string, path: string, answer: Answer) => boolean,
): ApiClient {
  const kept = new Map<string, Answer>();
  let served = 0;
  return {
    ...client,
    async send(method, path, body) {
      const old = kept.get(path);
      const answer = await client.send(method, path, body);
      if (!chooses(method, path, answer)) return answer;
      if (!old) kept.set(path, answer);
      return old && ++served % 3 === 0 ? old : answer;
    },
  };
}

const isGet = (method: string, path: string): boolean => method === 'GET' && path.startsWith(`${collection}/object-`);
const isWholeList = (method: string, path: string): boolean =>
  method === 'GET' && path.startsWith(collection) && !/[/](object|counter)-|limit=|resourceVersion=|watch=/.test(path);

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: 'a dropped event',
    caughtAs: ['event dropped'],
    plant: (client) => bendWatch(client, (line, index) => (isVictim(index) ? [] : [line])),
  },
  {
    name: 'a duplicated event',
    caughtAs: ['event duplicated'],
    plant: (client) => bendWatch(client, (line, index) => (isVictim(index) ? [line, line] : [line])),
  },
  {
    name: 'reordered events',
    caughtAs: ['event reordered'],
    plant(client) {
      let held: WatchLine | undefined;
      return bendWatch(client, (line, index) => {
        if (isVictim(index)) {
          held = line;
          return [];
        }
        const late = held ? [held] : [];
        held = undefined;
        return [line, ...late];
      });
    },
  },
  {
    name: 'an event of the wrong type',
    caughtAs: ['event wrong'],
    plant: (client) => bendWatch(client, (line) => [line.type === 'DELETED' ? { ...line, type: 'MODIFIED' } : line]),
  },
  {
    name: 'a stale list',
    caughtAs: ['stale list'],
    plant: (client) => repeatAnswer(client, (method, path, { code }) => code === 200 && isWholeList(method, path)),
  },
  {
    name: 'a list that lacks an object',
    caughtAs: ['torn list'],
    plant: (client) => ({
      ...client,
      async send(method, path, body) {
        const answer = await client.send(method, path, body);
        if (answer.code === 200 && isWholeList(method, path)) answer.body.items.pop();
        return answer;
      },
    }),
  },
  {
    name: 'a stale read',
    caughtAs: ['stale read'],
    plant: (client) => repeatAnswer(client, (method, path, { code }) => code === 200 && isGet(method, path)),
  },
  {
    name: 'a lost write',
    caughtAs: ['lost write'],
    plant(client) {
      let puts = 0;
      return {
        ...client,
        async send(method, path, body) {
          if (method !== 'PATCH' || ++puts % 5) return client.send(method, path, body);
          const { code, body: object } = await client.send('GET', path);
          return { code, body: object };
        },
      };
    },
  },
  {
    name: 'a write repeated after an ambiguous answer',
    caughtAs: ['repeated write', 'lost write'],
    plant: (client) => ({
      ...client,
      async send(method, path, body) {
        const answer = await client.send(method, path, body);
        if (method !== 'PATCH' || answer.code !== 200) return answer;
        await client.send('PATCH', path, { data: { again: String(Math.random()) } });
        return answer;
      },
    }),
  },
  {
    name: 'a refused write that happened',
    caughtAs: ['phantom write'],
    plant(client) {
      let puts = 0;
      return {
        ...client,
        async send(method, path, body) {
          const answer = await client.send(method, path, body);
          if (method !== 'PUT' || answer.code !== 200 || ++puts % 5) return answer;
          return { code: 409, body: {} };
        },
      };
    },
  },
  {
    name: 'a write that ignores its resourceVersion',
    caughtAs: ['lost update'],
    plant: (client) => ({
      ...client,
      async send(method, path, body: any) {
        if (method !== 'PUT' || !path.includes('/counter-')) return client.send(method, path, body);
        const { resourceVersion: _ignored, ...metadata } = body.metadata;
        return client.send(method, path, { ...body, metadata });
      },
    }),
  },
];

/** An honest failure: what the client is not told must not be held against the server. */
export const withLostAnswers = (client: ApiClient): ApiClient => {
  let writes = 0;
  return {
    ...client,
    async send(method, path, body) {
      const answer = await client.send(method, path, body);
      if (method !== 'GET' && path.includes('/object-') && ++writes % 4 === 0) throw new NoAnswer(true);
      return answer;
    },
  };
};
