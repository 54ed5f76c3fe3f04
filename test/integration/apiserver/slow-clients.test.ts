/** Clients that neither read nor write hold nothing of the server for longer than a request may take. */
import { once } from 'node:events';
import tls from 'node:tls';
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { codesIn } from '../../support/raw-http';
import { until } from '../../support/until';

let server: TestApiServer;
const path = '/api/v1/namespaces/default/configmaps';

beforeAll(async () => {
  server = await startTestApiServer({ 'request-timeout': '2s' });
  const data = { x: 'x'.repeat(900_000) };
  const names = Array.from({ length: 16 }, (_, index) => `c-${index}`);
  await Promise.all(names.map((name) => server.rest('POST', path, { body: { metadata: { name }, data } })));
});

afterAll(async () => {
  await server?.stop();
});

async function connect(request: string): Promise<tls.TLSSocket> {
  const socket = tls.connect({ host: '127.0.0.1', port: server.port, ca: server.ca, ...server.admin });
  // The server may cut it in the middle of a record.
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  socket.write(request);
  return socket;
}

/** Requests in flight besides the one that asks. */
async function inFlight(kind: 'mutating' | 'readOnly'): Promise<number> {
  const { text } = await server.rest('GET', '/metrics');
  const [, count] = new RegExp(`apiserver_current_inflight_requests{request_kind="${kind}"} (\\d+)`).exec(text) ?? [];
  return Number(count) - (kind === 'readOnly' ? 1 : 0);
}

it('cuts off who does not read its answer', async () => {
  const socket = await connect(`GET ${path} HTTP/1.1\r\nHost: kubelab\r\n\r\n`);
  socket.pause();
  await until('the list is under way', async () => (await inFlight('readOnly')) === 1);
  await until('the list is over', async () => (await inFlight('readOnly')) === 0);
  socket.destroy();
});

it('answers who does not send the body it announced, and hangs up', async () => {
  const headers = 'Host: kubelab\r\nContent-Type: application/json\r\nContent-Length: 1000';
  const socket = await connect(`POST ${path} HTTP/1.1\r\n${headers}\r\n\r\n{`);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(socket, 'close');
  expect(codesIn(text)).toEqual([504]);
  expect(text).toContain('Connection: close');
  await until('the write is over', async () => (await inFlight('mutating')) === 0);
});
