/** The server's SPDY against a client that speaks as client-go does, over a real socket. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { deflateSync } from 'node:zlib';
import { SpdyConnection } from '../../../../../kubelet/server/streaming/spdy-connection';
import { spdyDictionary } from '../../../../../kubelet/server/streaming/spdy-dictionary';
import type { SpdyStream } from '../../../../../kubelet/server/streaming/spdy-stream';
import { SpdyClient } from '../../../../support/spdy-client';
import { until } from '../../../../support/until';

let listener: Server;
const clients: SpdyClient[] = [];

/** A client and its server, which treats each stream as `onStream` says. */
async function pair(
  onStream: (stream: SpdyStream) => void,
): Promise<{ client: SpdyClient; server: SpdyConnection; socket: Socket }> {
  const port = (listener.address() as { port: number }).port;
  const accepted = once(listener, 'connection') as Promise<[Socket]>;
  const client = new SpdyClient(connect({ port, noDelay: true }));
  clients.push(client);
  const [socket] = await accepted;
  return { client, socket, server: new SpdyConnection({ socket, head: Buffer.alloc(0), onStream }) };
}

const echo = (stream: SpdyStream): void => void stream.pipe(stream);

beforeAll(async () => {
  listener = createServer({ allowHalfOpen: true, noDelay: true }).listen(0);
  await once(listener, 'listening');
});
afterEach(() => clients.splice(0).forEach((client) => client.close()));
afterAll(() => void listener.close());

describe('the header dictionary', () => {
  it('is that of the specification', () => {
    expect(spdyDictionary.length).toBe(1423);
    // The identifier that every SPDY/3 peer puts in front of its first block.
    expect(deflateSync('', { dictionary: spdyDictionary }).readUInt32BE(2).toString(16)).toBe('e3c6a7c2');
  });
});

describe('a connection', () => {
  it('gives streams their headers, with names in lower case and no need of ":method"', async () => {
    const seen: object[] = [];
    const { client } = await pair((stream) => seen.push({ ...stream.headers }));
    await client.open({ streamType: 'data', port: '80' });
    await client.open({ streamType: 'error', port: '80' });
    expect(seen).toEqual([
      { streamtype: 'data', port: '80' },
      { streamtype: 'error', port: '80' },
    ]);
  });

  it('carries megabytes both ways on several streams at once', async () => {
    const { client } = await pair(echo);
    const data = [0, 1, 2].map((n) => Buffer.alloc(1_500_000 + n, `stream ${n} `));
    const streams = await Promise.all(data.map((_, n) => client.open({ n: String(n) })));
    streams.forEach((stream, n) => {
      stream.write(data[n]!);
      stream.end();
    });
    const received = await Promise.all(streams.map(({ ended }) => ended));
    received.forEach((bytes, n) => expect(bytes.equals(data[n]!)).toBe(true));
    expect(client.windowUpdates.get(streams[0]!.id)).toBe(1_500_000);
  });

  it('tells the end of one direction while the other stays open', async () => {
    let stream: SpdyStream | undefined;
    const { client } = await pair((opened) => void (stream = opened));
    const mine = await client.open({});
    mine.write('last words');
    mine.end();
    let text = '';
    stream!.on('data', (chunk: Buffer) => (text += String(chunk)));
    await once(stream!, 'end');
    expect(text).toBe('last words');
    stream!.end('answer');
    expect(String(await mine.ended)).toBe('answer');
  });

  it('ends a stream opened with FIN', async () => {
    const { client } = await pair(echo);
    expect(String(await (await client.open({}, { fin: true })).ended)).toBe('');
  });

  it('destroys the stream that the client resets, and leaves the others', async () => {
    const streams: SpdyStream[] = [];
    const { client } = await pair((stream) => {
      streams.push(stream);
      echo(stream);
    });
    const [first, second] = [await client.open({}), await client.open({})];
    first.reset();
    await until('the stream to end', () => streams[0]!.destroyed);
    second.write('still here');
    expect(await until('the echo', () => String(second.received()) === 'still here')).toBe(true);
  });

  it('resets a stream it refuses, and accepts the next', async () => {
    const { client } = await pair((stream) => {
      if (stream.headers.bad) throw new Error('unexpected');
      echo(stream);
    });
    await expect(client.open({ bad: 'yes' })).rejects.toThrow('was reset: 5');
    const good = await client.open({}, { fin: true });
    expect(String(await good.ended)).toBe('');
  });

  it('resets a stream whose owner destroys it', async () => {
    let stream: SpdyStream | undefined;
    const { client } = await pair((opened) => void (stream = opened));
    const mine = await client.open({});
    mine.end();
    await until('the end', () => stream!.readableEnded || !stream!.read());
    stream!.destroy();
    await expect(mine.ended).rejects.toThrow('was reset: 5');
  });

  it('answers pings', async () => {
    const { client } = await pair(echo);
    expect(await Promise.all([client.ping(1), client.ping(3)])).toHaveLength(2);
  });

  it('sends what a handler writes at once behind the reply', async () => {
    const { client } = await pair((stream) => void Promise.resolve().then(() => stream.end('first words')));
    for (let i = 0; i < 20; i++) expect(String(await (await client.open({})).ended)).toBe('first words');
  });

  it('says goodbye and closes', async () => {
    const { client, server } = await pair(echo);
    await client.open({});
    server.end();
    await client.closed;
    expect(client.goneAway).toBe(true);
    await server.closedPromise;
  });

  it('ends its streams when the client is gone', async () => {
    const streams: SpdyStream[] = [];
    const { client, server } = await pair((stream) => streams.push(stream));
    await client.open({});
    (client.socket as Socket).resetAndDestroy();
    await server.closedPromise;
    expect(streams[0]!.destroyed).toBe(true);
  });

  it('ends when its socket is destroyed while nobody reads a full stream', async () => {
    const streams: SpdyStream[] = [];
    const { client, server, socket } = await pair((stream) => streams.push(stream));
    (await client.open({})).write(Buffer.alloc(4_000_000));
    await until('the buffer to fill', () => streams[0]!.readableLength > 200_000);
    socket.destroy();
    await server.closedPromise;
    expect(streams[0]!.destroyed).toBe(true);
  });

  it('is closed by a control frame of absurd size', async () => {
    const { client, server } = await pair(echo);
    client.socket.write(Buffer.from([0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff]));
    await expect(server.closedPromise).resolves.toBeUndefined();
  });
});
