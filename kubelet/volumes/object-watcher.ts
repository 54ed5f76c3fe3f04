/**
 * Single config maps and secrets that pods on this node use, each followed by a watch of its own, because the Node authorizer
 * allows a kubelet no more than the objects its pods name (upstream's watch-based manager). Counted by pod: the last pod
 * that leaves ends the watch.
 */
import type { ResourceDefinition } from '../../api/meta/resource-definition';
import { isForbidden, isNotFound } from '../../api/meta/status-error';
import type { KubeObject, Stored } from '../../api/meta/types';
import type { RestClient } from '../../client/rest-client';
import { abortable } from '../../component-base/abortable';
import type { Clock } from '../../component-base/clock';
import type { Logger } from '../../component-base/logger';

export interface ObjectWatcher<T extends KubeObject> {
  /** The pod uses exactly these names from now on. */
  track(podUid: string, namespace: string, names: readonly string[]): void;
  release(podUid: string): void;
  /** The current object, or undefined when it does not exist. Waits for the first answer of the API. */
  get(namespace: string, name: string, signal?: AbortSignal): Promise<Stored<T> | undefined>;
}

interface Entry<T extends KubeObject> {
  users: Set<string>;
  current?: { object: Stored<T> | undefined };
  first: Promise<void>;
  stop: AbortController;
}

export interface ObjectWatcherOptions<T extends KubeObject> {
  client: RestClient;
  definition: ResourceDefinition<T>;
  clock: Clock;
  log: Logger;
  /** Called with the pods that use a changed object. */
  onChange(podUids: string[]): void;
}

export function createObjectWatcher<T extends KubeObject>(options: ObjectWatcherOptions<T>): ObjectWatcher<T> {
  const { client, definition, clock, log } = options;
  const entries = new Map<string, Entry<T>>();
  const keysOf = new Map<string, Set<string>>();

  function open(namespace: string, name: string): Entry<T> {
    const stop = new AbortController();
    let settle = (): void => undefined;
    const first = new Promise<void>((resolve) => (settle = resolve));
    const entry: Entry<T> = { users: new Set(), first, stop };
    const set = (object: Stored<T> | undefined): void => {
      const known = entry.current;
      const changed = known && known.object?.metadata.resourceVersion !== object?.metadata.resourceVersion;
      entry.current = { object };
      settle();
      if (changed) options.onChange([...entry.users]);
    };
    void follow(namespace, name, set, stop.signal);
    return entry;
  }

  async function follow(
    namespace: string,
    name: string,
    set: (object: Stored<T> | undefined) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const scope = { namespace, fieldSelector: `metadata.name=${name}`, signal };
    for (let delayMs = 200; !signal.aborted; delayMs = Math.min(delayMs * 2, 10_000)) {
      try {
        const list = await client.list(definition, scope);
        set(list.items[0]);
        delayMs = 200;
        const { resourceVersion } = list.metadata;
        for await (const event of client.watch(definition, {
          ...scope,
          ...(resourceVersion && { resourceVersion }),
          allowWatchBookmarks: true,
        })) {
          if (event.type === 'ADDED' || event.type === 'MODIFIED') set(event.object);
          else if (event.type === 'DELETED') set(undefined);
        }
      } catch (error) {
        if (signal.aborted) return;
        // The graph of the Node authorizer may learn of a new pod a moment after we do.
        log.debug({ err: error, kind: definition.kind, namespace, name }, 'Watching an object failed');
        if (isNotFound(error)) set(undefined);
        else if (!isForbidden(error)) delayMs = Math.max(delayMs, 500);
      }
      await clock.sleep(delayMs, signal).catch(() => undefined);
    }
  }

  function drop(key: string, podUid: string): void {
    const entry = entries.get(key);
    if (!entry) return;
    entry.users.delete(podUid);
    if (entry.users.size > 0) return;
    entry.stop.abort();
    entries.delete(key);
  }

  return {
    track(podUid, namespace, names) {
      const wanted = new Set(names.map((name) => `${namespace}/${name}`));
      for (const key of keysOf.get(podUid) ?? []) if (!wanted.has(key)) drop(key, podUid);
      for (const name of names) {
        const key = `${namespace}/${name}`;
        const entry = entries.get(key) ?? open(namespace, name);
        entries.set(key, entry);
        entry.users.add(podUid);
      }
      keysOf.set(podUid, wanted);
    },
    release(podUid) {
      for (const key of keysOf.get(podUid) ?? []) drop(key, podUid);
      keysOf.delete(podUid);
    },
    async get(namespace, name, signal) {
      const entry = entries.get(`${namespace}/${name}`);
      if (!entry) {
        return client.get(definition, name, namespace, { ...(signal && { signal }) }).catch((error: unknown) => {
          if (isNotFound(error)) return undefined;
          throw error;
        });
      }
      if (!entry.current) await abortable(entry.first, signal);
      return entry.current?.object;
    },
  };
}
