/** A watcher that stops reading while much happens, beside one that reads: the first is cut off, the second gets everything. */
import { connect } from 'node:tls';
import { until } from '../support/until';
import type { ApiClient, ClientOptions } from './api-client';
import type { SlowWatch } from './history';
import { bulkNamespace } from './objects';

const collection = `/api/v1/namespaces/${bulkNamespace}/configmaps`;
const updates = 480;
const bodyBytes = 100_000;
const inFlight = 8;
/** A reader that is this far behind, for the machine is busy, is waited for: it must not become a slow one itself. */
const maxBehind = 40;

/** Writes more than a server keeps for those who lag. */
export async function runSlowWatch(client: ApiClient, options: ClientOptions): Promise<SlowWatch> {
  for (let i = 0; i < inFlight; i++) await client.send('POST', collection, { metadata: { name: `bulk-${i}` } });
  const listed = await client.send('GET', collection);
  const path = `${collection}?watch=1&resourceVersion=${listed.body.metadata.resourceVersion}`;

  const socket = connect({ host: '127.0.0.1', servername: 'localhost', ...options });
  const received: Buffer[] = [];
  let ended = false;
  socket.on('error', () => undefined);
  socket.on('close', () => (ended = true));
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();

  let othersReceived = 0;
  const stop = new AbortController();
  const other = client.watch(path, () => othersReceived++, stop.signal);
  const data = { text: 'x'.repeat(bodyBytes) };
  let accepted = 0;
  let stalled = false;
  const keepUp = async (): Promise<void> => {
    if (stalled) return;
    const isNear = (): boolean => accepted - othersReceived < maxBehind;
    await until('the other watcher keeps up', isNear, { everyMs: 5 }).catch(() => (stalled = true));
  };
  await Promise.all(
    Array.from({ length: inFlight }, async (_, writer) => {
      for (let i = 0; i < updates / inFlight; i++) {
        await keepUp();
        const body = { data: { ...data, round: String(i) } };
        const answer = await client.send('PATCH', `${collection}/bulk-${writer}`, body).catch(() => undefined);
        if (answer?.code === 200) accepted++;
      }
    }),
  );
  await until('the other watcher has everything', () => othersReceived >= accepted).catch(() => undefined);
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  socket.resume();
  await until('the slow watch ends', () => ended).catch(() => undefined);
  socket.destroy();
  stop.abort();
  await other;
  const cut = ended && Buffer.concat(received).includes('too old resource version');
  return { cut, othersReceived, othersExpected: accepted };
}
