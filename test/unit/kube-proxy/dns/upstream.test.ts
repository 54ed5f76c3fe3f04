import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as packet from 'dns-packet';
import { createUpstream, lengthOf, parseNameServers } from '../../../../kube-proxy/dns/upstream';
import { freshLoopbackAddress } from '../../../support/loopback-address';

describe('parseNameServers', () => {
  it('takes addresses, and none of our own', () => {
    const text =
      '# by hand\nsearch lan\nnameserver 192.0.2.1\n nameserver fd00::1 \nnameserver 10.96.0.10\nnameserver no';
    expect(parseNameServers(text, ['10.96.0.10'])).toEqual(['192.0.2.1', 'fd00::1']);
  });
});

const describeAsRoot = process.getuid?.() === 0 ? describe : describe.skip;

/** A name server on an address of the loopback network, at the only port that a resolv.conf can mean. */
describeAsRoot('the upstream', () => {
  const [address, refusing, silentAddress] = [1, 2, 3].map(freshLoopbackAddress) as [string, string, string];
  let udp: Socket;
  let tcp: Server;
  let work = '';

  const answerTo = (query: Buffer, transport: string): Buffer => {
    const { id, questions = [] } = packet.decode(query);
    const data = transport === 'udp' ? '192.0.2.1' : '192.0.2.2';
    const name = questions[0]?.name ?? '';
    if (name === 'many.example.com' && transport === 'udp') {
      return packet.encode({ type: 'response', id, flags: packet.TRUNCATED_RESPONSE, questions });
    }
    return packet.encode({
      type: 'response',
      id,
      questions,
      answers: [
        { type: 'CNAME', name, data: 'real.example.com', ttl: 60 },
        { type: 'A', name: 'real.example.com', data, ttl: 5 },
        { type: 'TXT', name: 'real.example.com', data: 'unasked', ttl: 5 },
      ],
    });
  };

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'kubelab-resolv-'));
    udp = createSocket('udp4').bind(53, address);
    udp.on('message', (query, from) => {
      // A forged answer comes first: another id.
      const answer = answerTo(query, 'udp');
      const forged = Buffer.from(answer);
      forged.writeUInt16BE((answer.readUInt16BE(0) + 1) % 65_536);
      udp.send(forged, from.port, from.address);
      udp.send(answer, from.port, from.address);
    });
    tcp = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (data: Buffer) => {
        const answer = answerTo(data.subarray(2), 'tcp');
        const message = Buffer.concat([lengthOf(answer), answer]);
        socket.write(message.subarray(0, 5));
        setImmediate(() => socket.write(message.subarray(5)));
      });
    }).listen(53, address);
    await Promise.all([once(udp, 'listening'), once(tcp, 'listening')]);
  });

  afterAll(async () => {
    udp.close();
    tcp.close();
    await rm(work, { recursive: true });
  });

  const upstreamOf = async (...servers: string[]) => {
    const path = join(work, 'resolv.conf');
    await writeFile(path, servers.map((server) => `nameserver ${server}\n`).join(''));
    return createUpstream(path, ['127.0.0.10'], () => 0);
  };
  const query = packet.encode({ type: 'query', id: 9, questions: [{ type: 'A', name: 'example.com' }] });

  it.each([
    ['udp', '192.0.2.1'],
    ['tcp', '192.0.2.2'],
  ] as const)('forwards by %s and takes the answer that belongs to the question', async (transport, data) => {
    const answer = packet.decode(await (await upstreamOf(address)).forward(query, transport));
    expect(answer).toMatchObject({ id: 9, answers: [{ type: 'CNAME' }, { data }, {}] });
  });

  it('asks the next server when one refuses', async () => {
    const found = await (await upstreamOf(refusing, address)).lookup('example.com', 'A');
    expect(found).toMatchObject([{ type: 'CNAME' }, { type: 'A', data: '192.0.2.1' }]);
  });

  it('asks by TCP for addresses that do not fit a datagram', async () => {
    expect(await (await upstreamOf(address)).lookup('many.example.com', 'A')).toMatchObject([
      { type: 'CNAME' },
      { data: '192.0.2.2' },
    ]);
  });

  it('asks one that did not answer last for a while', async () => {
    const silent = createSocket('udp4').bind(53, silentAddress);
    await once(silent, 'listening');
    let asked = 0;
    silent.on('message', () => (asked += 1));
    const path = join(work, 'silent.conf');
    await writeFile(path, `nameserver ${silentAddress}\nnameserver ${address}\n`);
    let nowMs = 0;
    const upstream = createUpstream(path, [], () => nowMs, 500);
    for (nowMs of [0, 9_000, 11_000]) expect(await upstream.lookup('example.com', 'A')).toHaveLength(2);
    expect(asked).toBe(2);
    silent.close();
  });

  it('says so when there is none to ask', async () => {
    await expect((await upstreamOf('127.0.0.10')).forward(query, 'udp')).rejects.toThrow('no name servers');
  });
});
