/** Watches over WebSocket, one event per text message, as browsers and some clients ask for. Upstream: `handlers/watch.go`. */
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ApiRequest } from './api-request';
import { openWatch, pumpWatch, type WatchSink } from './watch';

/** Buffered bytes above which a client counts as slow. */
const highWaterBytes = 1024 * 1024;

/** Answers an upgrade request for a watch; throws before the upgrade what is to be answered as a Status. */
export async function watchOverWebSocket(api: ApiRequest, socket: Duplex, head: Buffer): Promise<void> {
  const watch = await openWatch(api);
  const server = new WebSocketServer({ noServer: true, maxPayload: 4096 });
  const client = await new Promise<WebSocket>((resolve) => {
    server.handleUpgrade(api.request, socket, head, resolve);
  });
  await pumpWatch(watch, webSocketSink(client), {
    onCancel(end) {
      client.on('close', end);
      client.on('error', end);
      return api.context.onCancel(end);
    },
  });
}

function webSocketSink(client: WebSocket): WatchSink {
  let resume: () => void = () => undefined;
  let full = false;
  const sent = (): void => {
    if (!full || client.bufferedAmount > highWaterBytes / 2) return;
    full = false;
    resume();
  };
  return {
    write(lines) {
      for (const line of lines) client.send(line.subarray(0, -1), { binary: false }, sent);
      full = client.bufferedAmount > highWaterBytes;
      return !full;
    },
    onDrain: (callback) => void (resume = callback),
    end: () => client.close(1000),
  };
}
