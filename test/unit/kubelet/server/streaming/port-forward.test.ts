/** Port-forward over SPDY, and over SPDY inside a WebSocket, to a real local server. */
import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { servePortForward } from '../../../../../kubelet/server/streaming/port-forward';
import { duplexOf } from '../../../../../kubelet/server/streaming/websocket-duplex';
import { connectSpdy, connectTunnel, SpdyClient } from '../../../../support/spdy-client';
import { until } from '../../../../support/until';

let inPod: Server;
let kubelet: HttpServer;
let port = 0;
const clients: SpdyClient[] = [];
const open = new Set<Socket>();

async function dial(toPort: number): Promise<Duplex> {
  if (toPort !== 8080) throw new Error('connection refused');
  const socket = connect({ port: (inPod.address() as { port: number }).port, allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

beforeAll(async () => {
  // Speaks first, then gives back what it gets.
  inPod = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => {});
    socket.write('hello ');
    socket.pipe(socket);
  }).listen(0);
  kubelet = createHttpServer({ noDelay: true }).listen(0, '127.0.0.1');
  kubelet.on('upgrade', (request, socket, head) => {
    const ports = new URL(request.url ?? '/', 'http://kubelet').searchParams.getAll('port').map(Number);
    servePortForward(request, socket, head, ports, dial).catch((error: Error) =>
      socket.end(`HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n${error.message}`),
    );
  });
  await Promise.all([once(inPod, 'listening'), once(kubelet, 'listening')]);
  port = (kubelet.address() as { port: number }).port;
});
afterEach(() => clients.splice(0).forEach((client) => client.close()));
afterAll(() => {
  kubelet.close();
  inPod.close();
});

const overSpdy = async (): Promise<SpdyClient> =>
  (await connectSpdy(port, '/portForward', ['portforward.k8s.io'])).client;
const overTunnel = async (): Promise<SpdyClient> =>
  new SpdyClient(duplexOf(await connectTunnel(port, '/portForward', 'SPDY/3.1+portforward.k8s.io')));

describe.each([
  ['SPDY', overSpdy],
  ['SPDY inside a WebSocket', overTunnel],
])('port-forward over %s', (_name, connectClient) => {
  const forward = async (client: SpdyClient, to: number, requestID: string) => {
    const headers = { port: String(to), requestID };
    const errors = await client.open({ ...headers, streamType: 'error' });
    errors.end();
    return { errors, data: await client.open({ ...headers, streamType: 'data' }) };
  };
  const connected = async (): Promise<SpdyClient> => {
    const client = await connectClient();
    clients.push(client);
    return client;
  };

  it('joins several connections at once, megabytes each', async () => {
    const client = await connected();
    const pairs = [await forward(client, 8080, '0'), await forward(client, 8080, '1')];
    const payloads = pairs.map((_, n) => Buffer.alloc(1_200_000 + n, `connection ${n} `));
    pairs.forEach(({ data }, n) => {
      data.write(payloads[n]!);
      data.end();
    });
    for (const [n, { data, errors }] of pairs.entries()) {
      expect((await data.ended).equals(Buffer.concat([Buffer.from('hello '), payloads[n]!]))).toBe(true);
      expect(String(await errors.ended)).toBe('');
    }
  });

  it('says on the error stream why a connection failed, and lives on', async () => {
    const client = await connected();
    const { data, errors } = await forward(client, 81, '0');
    expect(String(await errors.ended)).toBe(
      'error forwarding port 81 to pod: failed to connect to localhost:81 inside namespace: connection refused',
    );
    expect(String(await data.ended)).toBe('');
    const next = await forward(client, 8080, '1');
    next.data.end();
    expect(String(await next.data.ended)).toBe('hello ');
  });

  it('is over when the pod ends the connection, though the client has not', async () => {
    const client = await connected();
    const { data, errors } = await forward(client, 8080, '0');
    await until('the connection', () => open.size === 1);
    for (const socket of open) socket.unpipe().end('bye');
    expect(String(await data.ended)).toBe('hello bye');
    expect(String(await errors.ended)).toBe('');
    await until('its end', () => open.size === 0);
  });

  it('refuses a port that is none', async () => {
    const client = await connected();
    await expect(client.open({ port: '0', streamType: 'data' })).rejects.toThrow('was reset');
  });

  it('closes the connections of a client that goes away', async () => {
    const client = await connected();
    await forward(client, 8080, '0');
    await until('the connection', () => open.size === 1);
    client.close();
    expect(await until('its end', () => open.size === 0)).toBe(true);
  });
});

describe('port-forward over WebSocket channels', () => {
  it('announces each port and carries its bytes', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/portForward?port=8080`, 'v4.channel.k8s.io');
    const messages: Buffer[] = [];
    socket.on('message', (data: Buffer) => messages.push(data));
    await once(socket, 'open');
    socket.send(Buffer.from('\0hi'));
    const text = (): string =>
      messages
        .filter((m) => m[0] === 0)
        .slice(1)
        .map((m) => String(m.subarray(1)))
        .join('');
    await until('the echo', () => text() === 'hello hi');
    expect(messages[0]).toEqual(Buffer.from([0, 0x90, 0x1f]));
    expect(messages.find((message) => message[0] === 1)).toEqual(Buffer.from([1, 0x90, 0x1f]));
    socket.terminate();
    await until('the end', () => open.size === 0);
  });
});
