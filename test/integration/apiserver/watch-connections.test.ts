/** Watches on bare connections: what comes before and after them there, old clients, and clients that stop reading. */
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { until } from '../../support/until';

let server: TestApiServer;
const configMaps = '/api/v1/namespaces/default/configmaps';
const open: TLSSocket[] = [];

beforeAll(async () => {
  server = await startTestApiServer();
});

afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

afterAll(async () => {
  await server?.stop();
});

interface Connection {
  socket: TLSSocket;
  get(path: string, version?: string): void;
  /** Everything that came so far. */
  text(): string;
}

async function connection(): Promise<Connection> {
  const socket = connect({ port: server.port, host: '127.0.0.1', ca: server.ca, ...server.admin });
  open.push(socket);
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  await once(socket, 'secureConnect');
  return {
    socket,
    get: (path, version = '1.1') => void socket.write(`GET ${path} HTTP/${version}\r\nHost: kubernetes\r\n\r\n`),
    text: () => Buffer.concat(received).toString(),
  };
}

const create = (name: string, data: object = {}) =>
  server.rest('POST', configMaps, { body: { metadata: { name }, data } });

it('serves further requests on the connection of a watch that is over', async () => {
  const { get, text } = await connection();
  await create('before');
  get(`${configMaps}?watch=1&timeoutSeconds=1`);
  await until('the watch is over', () => text().endsWith('\r\n0\r\n\r\n'));
  expect(text()).toMatch(/\r\n[0-9a-f]+\r\n\{"type":"ADDED","object":\{.*\n\r\n0\r\n\r\n$/);
  get('/version');
  await until('the next answer is here', () => text().includes('"gitVersion"'));
});

it('watches behind a request whose answer is not through yet', async () => {
  const { get, text } = await connection();
  get(`${configMaps}?limit=1`);
  get(`${configMaps}?watch=1`);
  await create('behind');
  await until('the event is here', () => /"type":"ADDED","object":\{[^\n]*"name":"behind"/.test(text()));
  expect(text().indexOf('"ConfigMapList"')).toBeLessThan(text().indexOf('"type":"ADDED"'));
});

it('sends clients of HTTP/1.0 the lines without chunks', async () => {
  const { get, text, socket } = await connection();
  await create('old-client');
  get(`${configMaps}?watch=1&timeoutSeconds=1`, '1.0');
  await once(socket, 'end');
  const [, body = ''] = text().split('\r\n\r\n');
  const types = body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).type as string);
  expect(new Set(types)).toEqual(new Set(['ADDED']));
});

it('goes on where it was with a client that stopped reading for a while', async () => {
  const count = 60;
  const { get, text, socket } = await connection();
  get(`${configMaps}?watch=1&resourceVersion=0`);
  await until('the watch has begun', () => text().includes('\r\n\r\n'));
  socket.pause();
  for (let i = 0; i < count; i++) await create(`large-${i}`, { text: 'x'.repeat(200_000) });
  socket.resume();
  const names = (): string[] =>
    [...text().matchAll(/"type":"ADDED".{1,200}?"name":"(large-\d+)"/g)].map(([, name]) => name!);
  await until('all events are here', () => names().length === count);
  expect(names()).toEqual(Array.from({ length: count }, (_, i) => `large-${i}`));
});
