/** exec and attach, as clients of every protocol see them, against a session made of plain streams. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { PassThrough } from 'node:stream';
import { WebSocket } from 'ws';
import type { ExecSession } from '../../../../../kubelet/runtime/runtime';
import {
  exitStatus,
  serveRemoteCommand,
  type StreamOptions,
} from '../../../../../kubelet/server/streaming/remote-command';
import { connectSpdy, SpdyClient } from '../../../../support/spdy-client';
import { until } from '../../../../support/until';

class FakeSession implements ExecSession {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly sizes: object[] = [];
  closed = false;
  exited: (code: number) => void = () => {};
  readonly exit = new Promise<number>((resolve) => (this.exited = resolve));

  resize(size: object): Promise<void> {
    this.sizes.push(size);
    return Promise.resolve();
  }

  end(code: number): void {
    this.stdout.end();
    this.stderr.end();
    this.exited(code);
  }

  close(): void {
    this.closed = true;
    this.end(137);
  }
}

const everything: StreamOptions = { stdin: true, stdout: true, stderr: true, tty: false };
let server: Server;
let port = 0;
let options = everything;
let session: FakeSession;
let start: () => Promise<ExecSession>;
const clients: (SpdyClient | WebSocket)[] = [];

beforeAll(async () => {
  server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => {});
    void serveRemoteCommand(request, socket, head, options, {
      start: () => start(),
      failure: 'error executing command in container',
    }).then(() => socket.end());
  });
  await once(server, 'listening');
  port = (server.address() as { port: number }).port;
});
beforeEach(() => {
  options = everything;
  session = new FakeSession();
  start = () => Promise.resolve(session);
});
afterEach(() => {
  for (const client of clients.splice(0)) {
    if (client instanceof WebSocket) client.terminate();
    else client.close();
  }
});
afterAll(() => void server.close());

describe('exitStatus', () => {
  it('is Success for 0, and tells another code in the cause that kubectl reads', () => {
    expect(exitStatus(0)).toEqual({ metadata: {}, status: 'Success' });
    expect(exitStatus(7)).toMatchObject({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '7' }] },
    });
  });
});

interface Channel {
  socket: WebSocket;
  /** What came on a channel so far. */
  text(channel: number): string;
  send(channel: number, data: string | Buffer): void;
  closed: Promise<number>;
}

async function openChannels(protocol: string): Promise<Channel> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/exec`, protocol || []);
  clients.push(socket);
  const received = new Map<number, Buffer[]>();
  const isBase64 = protocol.includes('base64');
  socket.on('message', (data: Buffer) => {
    const channel = isBase64 ? data.readUInt8(0) - 0x30 : data.readUInt8(0);
    const body = isBase64 ? Buffer.from(String(data.subarray(1)), 'base64') : data.subarray(1);
    received.set(channel, [...(received.get(channel) ?? []), body]);
  });
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  await once(socket, 'open');
  return {
    socket,
    closed,
    text: (channel) => String(Buffer.concat(received.get(channel) ?? [])),
    send(channel, data) {
      const body = Buffer.from(data);
      socket.send(isBase64 ? `${channel}${body.toString('base64')}` : Buffer.concat([Buffer.from([channel]), body]));
    },
  };
}

describe.each(['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v4.base64.channel.k8s.io'])(
  'a WebSocket with %s',
  (protocol) => {
    it('carries input, output, errors and the exit code', async () => {
      const client = await openChannels(protocol);
      expect(client.socket.protocol).toBe(protocol);
      client.send(0, 'typed');
      await until('the input', () => String(session.stdin.read() ?? '') === 'typed');
      session.stdout.write('out');
      session.stderr.write('err');
      session.end(3);
      await client.closed;
      expect([client.text(1), client.text(2)]).toEqual(['out', 'err']);
      expect(JSON.parse(client.text(3))).toMatchObject({ details: { causes: [{ reason: 'ExitCode', message: '3' }] } });
    });

    it('carries megabytes unharmed', async () => {
      const client = await openChannels(protocol);
      session.stdin.pipe(session.stdout);
      session.stdin.on('end', () => session.end(0));
      const data = 'x'.repeat(50_000);
      for (let i = 0; i < 40; i++) client.send(0, data);
      await until('the echo', () => client.text(1).length === 2_000_000);
      session.end(0);
      await client.closed;
      expect(JSON.parse(client.text(3))).toEqual({ metadata: {}, status: 'Success' });
    });
  },
);

describe('a WebSocket', () => {
  it('ends stdin in v5 by the close channel', async () => {
    const client = await openChannels('v5.channel.k8s.io');
    session.stdin.pipe(session.stdout, { end: false });
    session.stdin.on('end', () => session.end(0));
    client.send(0, 'all of it');
    client.socket.send(Buffer.from([255, 0]));
    await client.closed;
    expect(client.text(1)).toBe('all of it');
  });

  it('tells the terminal of new sizes', async () => {
    options = { stdin: true, stdout: true, stderr: true, tty: true };
    const client = await openChannels('v5.channel.k8s.io');
    client.send(4, '{"Width":80,"Height":24}\n{"Width":1');
    client.send(4, '00,"Height":30}');
    await until('two sizes', () => session.sizes.length === 2);
    expect(session.sizes).toEqual([
      { width: 80, height: 24 },
      { width: 100, height: 30 },
    ]);
  });

  it('survives empty messages', async () => {
    const client = await openChannels('v5.channel.k8s.io');
    client.socket.send(Buffer.alloc(0));
    session.end(0);
    await client.closed;
    expect(JSON.parse(client.text(3))).toMatchObject({ status: 'Success' });
  });

  it('tells why the command did not start', async () => {
    start = () => Promise.reject(new Error('no such file'));
    const client = await openChannels('v5.channel.k8s.io');
    await client.closed;
    expect(JSON.parse(client.text(3))).toMatchObject({
      status: 'Failure',
      message: 'Internal error occurred: error executing command in container: no such file',
      code: 500,
    });
  });

  it('closes the session when the client goes away', async () => {
    const client = await openChannels('v5.channel.k8s.io');
    await until('the stream', () => client.socket.readyState === WebSocket.OPEN);
    client.socket.terminate();
    expect(await until('the session to be closed', () => session.closed)).toBe(true);
  });
});

describe.each(['v5.channel.k8s.io', 'v4.channel.k8s.io'])('SPDY with %s', (protocol) => {
  const open = async (names: string[]) => {
    const { client, protocol: chosen } = await connectSpdy(port, '/exec', [protocol, 'v1.unknown']);
    clients.push(client);
    expect(chosen).toBe(protocol);
    const streams = await Promise.all(names.map((name) => client.open({ streamType: name })));
    return { client, streams: Object.fromEntries(names.map((name, index) => [name, streams[index]!])) };
  };

  it('carries megabytes of input and output, and the exit code', async () => {
    const { client, streams } = await open(['error', 'stdin', 'stdout', 'stderr']);
    streams.error!.end();
    session.stdin.pipe(session.stdout);
    session.stdin.on('end', () => session.end(5));
    session.stderr.write('err');
    const data = Buffer.alloc(3_000_000, 'spdy ');
    streams.stdin!.write(data);
    streams.stdin!.end();
    expect((await streams.stdout!.ended).equals(data)).toBe(true);
    expect(String(await streams.stderr!.ended)).toBe('err');
    expect(JSON.parse(String(await streams.error!.ended))).toMatchObject({ reason: 'NonZeroExitCode' });
    await client.closed;
  });

  it('waits for all the streams it was asked for', async () => {
    let started = false;
    start = () => Promise.resolve(session).finally(() => (started = true));
    const { client } = await open(['error', 'stdin', 'stdout']);
    await client.ping(1);
    expect(started).toBe(false);
    await client.open({ streamType: 'stderr' });
    await until('the start', () => started);
  });

  it('refuses a stream that was not asked for', async () => {
    options = { stdin: false, stdout: true, stderr: false, tty: false };
    const { client } = await open(['error']);
    await expect(client.open({ streamType: 'stdin' })).rejects.toThrow('was reset');
    const stdout = await client.open({ streamType: 'stdout' });
    session.stdout.write('fine');
    session.end(0);
    expect(String(await stdout.ended)).toBe('fine');
  });
});
