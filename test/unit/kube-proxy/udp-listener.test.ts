import dgram from 'node:dgram';
import { once } from 'node:events';
import { LoadBalancer } from '../../../kube-proxy/load-balancer';
import { listenUdp, type UdpListener } from '../../../kube-proxy/udp-listener';
import { freshLoopbackAddress } from '../../support/loopback-address';

const address = freshLoopbackAddress();
const servicePort = 20_053;

describe('a UDP listener', () => {
  const backends: dgram.Socket[] = [];
  const balancer = new LoadBalancer(() => 0);
  let listener: UdpListener;
  let opened: dgram.Socket[];

  /** Echoes, with its name in front. */
  async function startBackend(name: string): Promise<number> {
    const backend = dgram.createSocket('udp4');
    backend.on('message', (message, from) => backend.send(`${name} ${message}`, from.port, from.address));
    backend.bind(0, address);
    await once(backend, 'listening');
    backends.push(backend);
    return backend.address().port;
  }

  beforeAll(async () => {
    const targets = [];
    for (const name of ['one', 'two']) targets.push({ address, port: await startBackend(name) });
    balancer.update(targets, undefined);
    const create = jest.spyOn(dgram, 'createSocket');
    listener = await listenUdp(address, servicePort, () => balancer);
    opened = create.mock.results.map(({ value }) => value as dgram.Socket);
    create.mockRestore();
  });
  afterAll(() => {
    listener.close();
    for (const backend of backends) backend.close();
  });

  async function exchange(client: dgram.Socket, text: string): Promise<string> {
    client.send(text, servicePort, address);
    const [answer] = (await once(client, 'message')) as [Buffer];
    return String(answer);
  }

  it('keeps a client with its endpoint until that is no longer usable', async () => {
    const client = dgram.createSocket('udp4');
    const first = await exchange(client, 'a');
    const [name = ''] = first.split(' ');
    expect(await exchange(client, 'b')).toBe(`${name} b`);
    const other = name === 'one' ? 1 : 0;
    balancer.update([{ address, port: backends[other]?.address().port ?? 0 }], undefined);
    listener.prune();
    expect(await exchange(client, 'c')).toBe(`${name === 'one' ? 'two' : 'one'} c`);
    client.close();
  });

  it('ignores what comes from port 0, which nobody can answer', async () => {
    const [server] = opened;
    server?.emit('message', Buffer.from('x'), { address, family: 'IPv4', port: 0, size: 1 });
    const client = dgram.createSocket('udp4');
    expect(await exchange(client, 'd')).toMatch(/ d$/);
    client.close();
  });
});
