import dgram from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import * as packet from 'dns-packet';
import { startDnsServer } from '../../../../kube-proxy/dns/server';
import { preferredHighPort } from '../../../../kube-proxy/service-listeners';
import { freshLoopbackAddress } from '../../../support/loopback-address';

const address = freshLoopbackAddress();
const port = preferredHighPort(53);
const echo = (query: Buffer): Promise<Buffer> =>
  new Promise((resolve) => {
    setImmediate(() => resolve(query));
  });

describe('the DNS server', () => {
  it('can be started again after one of its two ports was taken', async () => {
    const squatter = createServer().listen(port, address);
    await once(squatter, 'listening');
    await expect(startDnsServer(address, echo)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    squatter.close();
    await once(squatter, 'close');
    const server = await startDnsServer(address, echo);
    expect(server.mappings.map(({ protocol }) => protocol)).toEqual(['UDP', 'TCP']);
    server.close();
  });

  it('drops an answer that comes when it is closed already', async () => {
    let answer = (_bytes: Buffer): void => undefined;
    let asked = (): void => undefined;
    const wasAsked = new Promise<void>((resolve) => (asked = resolve));
    const server = await startDnsServer(address, () => {
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
    const server = await startDnsServer(address, echo);
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
