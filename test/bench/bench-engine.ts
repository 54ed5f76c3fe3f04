/** The engine's own API, for what is measured there: kill, start and remove of containers, and its events. */
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { engineSocket } from '../../deploy/engine';

export interface BenchEngine {
  create(name: string, config: object): Promise<string>;
  start(id: string): Promise<void>;
  kill(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** Ids of all containers with these labels, also of those that do not run. */
  list(labels: string[]): Promise<string[]>;
  /** Resolves with the event after which none with these labels is left. */
  untilNone(labels: string[]): Promise<void>;
}

export function createBenchEngine(): BenchEngine {
  const socketPath = engineSocket();
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });

  const call = <T = void>(method: string, path: string, body?: object): Promise<T> =>
    new Promise((resolve, reject) => {
      const payload = body && JSON.stringify(body);
      const headers = payload
        ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }
        : {};
      const outgoing = request({ socketPath, agent, method, path, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => {
          if ((answer.statusCode ?? 500) >= 300) reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
          else resolve((text ? JSON.parse(text) : undefined) as T);
        });
      });
      outgoing.on('error', reject);
      outgoing.end(payload);
    });

  const filter = (filters: object): string => encodeURIComponent(JSON.stringify(filters));

  const engine: BenchEngine = {
    create: async (name, config) =>
      (await call<{ Id: string }>('POST', `/containers/create?name=${encodeURIComponent(name)}`, config)).Id,
    start: (id) => call('POST', `/containers/${id}/start`),
    kill: (id) => call('POST', `/containers/${id}/kill`),
    remove: (id) => call('DELETE', `/containers/${id}?force=1`),
    async list(labels) {
      const found = await call<{ Id: string }[]>('GET', `/containers/json?all=1&filters=${filter({ label: labels })}`);
      return found.map(({ Id }) => Id);
    },
    untilNone: (labels) =>
      new Promise((resolve, reject) => {
        const path = `/events?filters=${filter({ label: labels, event: ['destroy'] })}`;
        const events = request({ socketPath, path }, (answer) => {
          const gone = new Set<string>();
          let left: Set<string> | undefined;
          const look = (): void => {
            if (!left) return;
            for (const id of gone) left.delete(id);
            if (left.size) return;
            events.destroy();
            resolve();
          };
          // Cut by us, once nothing is left.
          createInterface({ input: answer.on('error', () => {}) })
            .on('error', () => {})
            .on('line', (line) => {
              gone.add((JSON.parse(line) as { id: string }).id);
              look();
            });
          // Events follow from here on, so what the list has and no event removes is there.
          engine.list(labels).then((ids) => {
            left = new Set(ids);
            look();
          }, reject);
        });
        events.on('error', reject);
        events.end();
      }),
  };
  return engine;
}
