/**
 * Follows one collection of the server for good: list, then watch from there, resuming after every cut. Upstream:
 * `client-go/tools/cache/reflector.go`. It ends only when its signal aborts.
 */
import { setMaxListeners } from 'node:events';
import { isResourceExpired } from '../api/meta/status-error';
import type { ResourceDefinition } from '../api/meta/resource-definition';
import type { KubeObject, Stored, WatchEvent } from '../api/meta/types';
import type { Clock } from '../component-base/clock';
import type { Logger } from '../component-base/logger';
import { createBackoff } from './backoff';
import type { InformerScope } from './informer';
import type { RestClient } from './rest-client';

/** Where the reflector's findings go. */
export interface ReflectorSink<T extends KubeObject> {
  /** The complete collection, after a list. */
  replace(items: Stored<T>[]): void;
  /** ADDED, MODIFIED or DELETED. */
  apply(event: WatchEvent<Stored<T>>): void;
}

export interface ReflectorOptions<T extends KubeObject> {
  client: RestClient;
  definition: ResourceDefinition<T>;
  scope?: InformerScope | undefined;
  sink: ReflectorSink<T>;
  clock: Clock;
  log: Logger;
  random?: () => number;
}

const pageSize = 500;
/** A watch that lived this long without an event counts as working. */
const healthyWatchMs = 1000;
/** An API server that is restarting refuses connections: asking often is cheap, and it is noticed at once. */
const refusedRetryMs = 250;
/** From so many failures in a row on it is said aloud; a server that starts refuses for a few seconds. */
const failuresToTell = { refused: 20, other: 5 };

/** Runs until the signal aborts; never rejects. */
export async function runReflector<T extends KubeObject>(
  options: ReflectorOptions<T>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, random = Math.random } = options;
  const resource = options.definition.names.plural;
  const backoff = createBackoff({
    initialMs: 800,
    maxMs: 30_000,
    jitter: 1,
    resetAfterMs: 120_000,
    clock,
    random,
  });
  setMaxListeners(0, signal);
  /** The last one seen; '' before the first list and after it expired. */
  let version: string | undefined;
  let expired = false;
  let failures = 0;
  let told = false;
  const worked = (): void => {
    failures = 0;
    told = false;
  };
  while (!signal.aborted) {
    try {
      if (version === undefined || expired) {
        const listed = await listAll(options, expired ? '' : '0', signal);
        options.sink.replace(listed.items);
        version = listed.resourceVersion;
        expired = false;
      }
      await watchFrom(options, version, signal, worked, (seen) => (version = seen));
    } catch (error) {
      if (signal.aborted) return;
      expired ||= isResourceExpired(error);
      // In the life of every cluster: etcd is compacted, or the server was away for longer than its history reaches.
      if (isResourceExpired(error)) log.info({ reason: error.message, resource }, 'Watch is too old, listing again');
      else log.debug({ err: error, resource }, 'Watch or list failed, trying again');
      // The first retry is immediate: most cuts are a server that restarts or ends a connection.
      failures += 1;
      if (failures === 1) continue;
      const delayMs = isRefused(error) ? refusedRetryMs * (0.5 + random()) : backoff.next();
      const worthTelling = failures >= failuresToTell[isRefused(error) ? 'refused' : 'other'];
      if (worthTelling && !told && !isResourceExpired(error)) {
        told = true;
        log.warn({ reason: String(error), resource }, 'Cannot list and watch');
      }
      await clock.sleep(delayMs, signal).catch(() => {});
    }
  }
}

const isRefused = (error: unknown): boolean =>
  ['ECONNREFUSED', 'ECONNRESET'].includes((error as NodeJS.ErrnoException).code ?? '');

/**
 * All pages. A page token that expired falls back to one unpaged list. '0' takes what the server has in its cache; ''
 * asks for the newest.
 */
async function listAll<T extends KubeObject>(
  { client, definition, scope }: ReflectorOptions<T>,
  resourceVersion: string,
  signal: AbortSignal,
): Promise<{ items: Stored<T>[]; resourceVersion: string }> {
  const base = { ...scope, signal };
  let page = await client.list(definition, {
    ...base,
    limit: pageSize,
    ...(resourceVersion && { resourceVersion }),
  });
  let { items } = page;
  while (page.metadata.continue) {
    try {
      page = await client.list(definition, { ...base, limit: pageSize, continue: page.metadata.continue });
      items = items.concat(page.items);
    } catch (error) {
      if (!isResourceExpired(error)) throw error;
      page = await client.list(definition, base);
      ({ items } = page);
    }
  }
  return { items, resourceVersion: page.metadata.resourceVersion ?? '' };
}

/** One watch. Returns when the server ended it in good order; throws otherwise. */
async function watchFrom<T extends KubeObject>(
  { client, definition, scope, sink, clock, random = Math.random }: ReflectorOptions<T>,
  resourceVersion: string,
  signal: AbortSignal,
  worked: () => void,
  sawVersion: (version: string) => void,
): Promise<void> {
  const startedAt = clock.now();
  const timeoutSeconds = Math.round(300 * (1 + random()));
  // A connection that died without a word must not be waited on for longer than the server would keep it.
  const guard = new AbortController();
  const disarm = clock.after((timeoutSeconds + 30) * 1000, () => guard.abort(new Error('watch outlived its timeout')));
  const onAbort = (): void => guard.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  let events = 0;
  try {
    for await (const event of client.watch(definition, {
      ...scope,
      resourceVersion,
      allowWatchBookmarks: true,
      timeoutSeconds,
      signal: guard.signal,
    })) {
      events += 1;
      if (events === 1) worked();
      if (event.type !== 'BOOKMARK') sink.apply(event);
      sawVersion(event.object.metadata.resourceVersion);
    }
  } finally {
    disarm();
    signal.removeEventListener('abort', onAbort);
    if (clock.now() - startedAt > healthyWatchMs) worked();
  }
  if (events === 0 && clock.now() - startedAt < healthyWatchMs && !signal.aborted) {
    throw new Error('very short watch: unexpected watch close');
  }
}
