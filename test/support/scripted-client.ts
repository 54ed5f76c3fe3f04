/** A REST client whose lists and watches a test plays by hand, to try informers against any order of events and failures. */
import type { KubeList, KubeObject, Stored, WatchEvent } from '../../api/meta/types';
import type { ListOptions, RestClient, WatchOptions } from '../../client/rest-client';

/** One open watch. */
export interface ScriptedWatch {
  options: WatchOptions;
  send(type: WatchEvent['type'], object: KubeObject): void;
  /** Ends in good order, or with an error. */
  end(error?: Error): void;
}

export interface ScriptedClient {
  client: RestClient;
  lists: ListOptions[];
  watches: ScriptedWatch[];
  /** Answers of the next lists; the last one is repeated. */
  onList: (options: ListOptions) => Partial<KubeList<any>> | Error;
  /** Makes watches fail before they open. */
  watchError: Error | undefined;
}

export function createScriptedClient(): ScriptedClient {
  const script: ScriptedClient = {
    lists: [],
    watches: [],
    onList: () => ({ metadata: { resourceVersion: '1' }, items: [] }),
    watchError: undefined,
    client: undefined as unknown as RestClient,
  };
  const client: Partial<RestClient> = {
    async list(_definition: unknown, options: ListOptions = {}) {
      script.lists.push(options);
      const answer = script.onList(options);
      if (answer instanceof Error) throw answer;
      return { metadata: {}, items: [], ...answer };
    },
    async *watch<T extends KubeObject>(_definition: unknown, options: WatchOptions = {}) {
      if (script.watchError) throw script.watchError;
      const queue: (WatchEvent<Stored<T>> | { ended: true; error?: Error })[] = [];
      let wake = (): void => {};
      const push = (item: (typeof queue)[number]): void => {
        queue.push(item);
        wake();
      };
      options.signal?.addEventListener('abort', () => push({ ended: true, error: options.signal?.reason as Error }));
      script.watches.push({
        options,
        send: (type, object) => push({ type, object: object as Stored<T> }),
        end: (error) => push({ ended: true, ...(error && { error }) }),
      });
      for (;;) {
        const item = queue.shift();
        if (!item) {
          await new Promise<void>((resolve) => (wake = resolve));
          continue;
        }
        if ('type' in item) yield item;
        else if (item.error) throw item.error;
        else return;
      }
    },
  };
  script.client = client as RestClient;
  return script;
}
