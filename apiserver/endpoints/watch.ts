/**
 * GET with `watch=true`, and the old `/watch/` paths: the events of one tick go out as one write. A client that does not keep
 * up pauses its storage watcher, which cuts it off when it falls too far behind. Upstream: `handlers/watch.go`.
 */
import type { IncomingMessage } from 'node:http';
import type { Cancellable } from '../request-context';
import type { StorageWatcher } from '../storage/storage';
import { WatchEnded } from '../storage/storage-errors';
import type { ApiRequest } from './api-request';
import { negotiateOutput } from './negotiate';
import { parseListOptions } from './options';
import { contentTypeOf, headersOf } from './respond';
import { parseIncludeObject } from './table';
import { sharedChunkOf, watchSinkOf } from './watch-chunks';
import { createFramer, type Framer } from './watch-frames';

/** Upstream's --min-request-timeout: watches without timeoutSeconds last between this and twice this. */
const minTimeoutMs = 1_800_000;

/** In whole seconds: Node keeps timers of the same length together. */
const spreadTimeoutMs = (): number => Math.round((minTimeoutMs * (1 + Math.random())) / 1000) * 1000;

/** Where the lines of a watch go: a chunked answer or the messages of a WebSocket. */
export interface WatchSink {
  /** False: full, and `onDrain` will be called. */
  write(lines: Buffer[]): boolean;
  onDrain(callback: () => void): void;
  end(): void;
}

/** A watch whose options were accepted: it has not begun to send yet. */
export interface OpenWatch {
  watcher: StorageWatcher<any>;
  framer: Framer;
  timeoutMs: number;
}

/** Checks the options and opens the watch. Throws StatusErrors. */
export async function openWatch(api: ApiRequest): Promise<OpenWatch> {
  const { request, query, resource, store, context } = api;
  const output = negotiateOutput(request.headers.accept, 'watch');
  const options = parseListOptions(api, true);
  const framer = createFramer(resource, output, output.as === 'Table' ? parseIncludeObject(query) : 'None');
  const timeoutMs = options.timeoutSeconds ? options.timeoutSeconds * 1000 : spreadTimeoutMs();
  const watcher = await store.watch(context, { ...options, timeoutMs } as Parameters<typeof store.watch>[1]);
  return { watcher, framer, timeoutMs };
}

/** Sends events until the time is over, the client leaves, the server stops, or the watch fails. */
export function pumpWatch(
  { watcher, framer, timeoutMs }: OpenWatch,
  sink: WatchSink,
  over: Cancellable,
): Promise<void> {
  return new Promise((resolve) => {
    let ended = false;
    let stopListening: (() => void) | undefined;
    const timer = setTimeout(finish, Math.min(timeoutMs, 2 ** 31 - 1));
    stopListening = over.onCancel(finish);
    if (ended) return;
    sink.onDrain(() => watcher.resume());
    watcher.start((events) => {
      if (ended) return true;
      const last = events.at(-1);
      const shown = last?.type === 'ERROR' && last.error instanceof WatchEnded ? events.slice(0, -1) : events;
      const room = shown.length === 0 || sink.write(shown.map(framer));
      if (last?.type === 'ERROR') finish();
      return room;
    });

    function finish(): void {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      stopListening?.();
      watcher.stop();
      sink.end();
      resolve();
    }
  });
}

/** Nobody asks for them again, and they would stay for as long as the watch. */
function forgetHeaders(request: IncomingMessage): void {
  request.rawHeaders = [];
  request.headers = {};
}

export async function watchObjects(api: ApiRequest): Promise<void> {
  const watch = await openWatch(api);
  const { response, context, resource } = api;
  response.writeHead(200, headersOf(api, contentTypeOf('json')));
  response.flushHeaders();
  forgetHeaders(api.request);
  // Not awaited here: what waits for a watch lasts as long as it.
  return pumpWatch(watch, watchSinkOf(response, sharedChunkOf(resource)), context);
}
