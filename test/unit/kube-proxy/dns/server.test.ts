import dgram from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import * as packet from 'dns-packet';
import type { Responder } from '../../../../kube-proxy/dns/responder';
import { startDnsServer } from '../../../../kube-proxy/dns/server';
import { freshLoopbackAddress } from '../../../support/loopback-address';

const address = freshLoopbackAddress();
const echo = (query: Buffer): Promise<Buffer> =>
  new Promise((resolve) => {
    setImmediate(() => resolve(query));
  });

/** For UDP and TCP it is the same port. */
async function start(respond: Responder) {
  const server = await startDnsServer(address, respond);
  const [udp, tcp] = server.mappings.map(({ listenPort }) => listenPort);
  if (udp === undefined || udp !== tcp) throw new Error('two ports');
  return { server, port: udp };
}

describe('the DNS server', () => {
  it('takes another port when one of its two is taken, and keeps neither of them', async () => {
    const first = await start(echo);
    first.server.close();
    const squatter = createServer().listen(first.port, address);
    await once(squatter, 'listening');
    const second = await start(echo);
    squatter.close();
    await once(squatter, 'close');
    const third = await start(echo);
    expect(second.port).toBeGreaterThan(first.port);
    expect(third.port).toBe(first.port);
    second.server.close();
    third.server.close();
  });

  it('drops an answer that comes when it is closed already', async () => {
    let answer = (_bytes: Buffer): void => undefined;
    let asked = (): void => undefined;
    const wasAsked = new Promise<void>((resolve) => (asked = resolve));
    const { server, port } = await start(() => {
      asked();
      return new Promise((resolve) => (answer = resolve));
    });
    const client = dgram.createSocket('udp4');
    client.send('query', port, address);
    await wasAsked;
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    server.close();
    answer(Buffer.from('late'));
    await new Promise((resolve) => {
      setTimeout(resolve);
    });
    process.off('unhandledRejection', note);
    client.close();
    expect(unhandled).toEqual([]);
  });

  it('answers a client that has closed its side already', async () => {
    const { server, port } = await start(echo);
    try {
      const query = packet.encode({ type: 'query', id: 9, questions: [{ type: 'A', name: 'example.org' }] });
      const length = Buffer.from([0, query.length]);
      const client = connect({ host: address, port, allowHalfOpen: true });
      client.end(Buffer.concat([length, query]));
      const chunks: Buffer[] = [];
      client.on('data', (chunk: Buffer) => chunks.push(chunk));
      await once(client, 'end');
      expect(Buffer.concat(chunks)).toEqual(Buffer.concat([length, query]));
    } finally {
      server.close();
    }
  });
});
