import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { WebSocket } from 'ws';
import { sendOverWebSocket } from '../../../../apiserver/proxy/websocket-stream';

let server: http.Server;
let url: string;
let source: Readable;

beforeAll(async () => {
  server = http.createServer();
  server.on('upgrade', (request, socket, head) => void sendOverWebSocket({ request, socket, head }, source));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const read = (offered: string[]) =>
  new Promise<{ protocol: string; code: number; messages: string[] }>((resolve, reject) => {
    const client = new WebSocket(url, offered);
    const messages: string[] = [];
    client.on('message', (data, binary) =>
      messages.push(`${binary ? 'binary' : 'text'}:${(data as Buffer).toString()}`),
    );
    client.on('close', (code) => resolve({ protocol: client.protocol, code, messages }));
    client.on('error', reject);
  });

it.each([
  [['binary.k8s.io'], 'binary.k8s.io', ['binary:', 'binary:one\n', 'binary:two\n']],
  [['base64.binary.k8s.io'], 'base64.binary.k8s.io', ['text:', 'text:b25lCg==', 'text:dHdvCg==']],
  [[], '', ['binary:', 'binary:one\n', 'binary:two\n']],
])('sends the pieces to a client that offers %j, and closes', async (offered, protocol, messages) => {
  source = Readable.from([Buffer.from('one\n'), Buffer.from('two\n')]);
  expect(await read(offered)).toEqual({ protocol, code: 1000, messages });
});

it('stops reading when the client goes', async () => {
  source = new Readable({ read: () => undefined });
  source.push('first');
  const closed = new Promise((resolve) => source.once('close', resolve));
  const client = new WebSocket(url, ['binary.k8s.io']);
  client.on('message', () => client.close());
  await closed;
  expect(source.destroyed).toBe(true);
});
