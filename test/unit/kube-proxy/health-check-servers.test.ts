import { createServer } from 'node:net';
import { once } from 'node:events';
import { HealthCheckServers } from '../../../kube-proxy/health-check-servers';
import { freshLoopbackAddress } from '../../support/loopback-address';

const address = freshLoopbackAddress();

describe('the health check of a Service', () => {
  let healthy = true;
  let place = 'one';
  let port = 30_123;
  const servers = new HealthCheckServers({
    bindAddress: address,
    placeAt: (asked) => (asked === address ? place : 'nowhere'),
    isHealthy: () => healthy,
  });
  const sync = (one: number, two: number): Promise<void> =>
    servers.sync('default/web', {
      port,
      localEndpoints: new Map([
        ['one', one],
        ['two', two],
      ]),
    });

  beforeEach(() => {
    healthy = true;
    place = 'one';
  });
  afterAll(() => servers.stop());

  const ask = async () => {
    const response = await fetch(`http://${address}:${port}/`, { headers: { connection: 'close' } });
    return { code: response.status, headers: response.headers, text: await response.text() };
  };

  it('tells whether the node that is asked has endpoints, in the words of upstream', async () => {
    await sync(2, 0);
    const { code, headers, text } = await ask();
    expect([code, text]).toEqual([
      200,
      '{\n\t"service": {\n\t\t"namespace": "default",\n\t\t"name": "web"\n\t},\n\t"localEndpoints": 2,\n\t"serviceProxyHealthy": true\n}',
    ]);
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-load-balancing-endpoint-weight')).toBe('2');
    place = 'two';
    expect((await ask()).code).toBe(503);
  });

  it('follows the endpoints and the proxy', async () => {
    await sync(1, 1);
    place = 'two';
    expect((await ask()).code).toBe(200);
    healthy = false;
    expect(await ask()).toMatchObject({ code: 503, text: expect.stringContaining('"serviceProxyHealthy": false') });
  });

  it('moves with the port, and ends with it', async () => {
    await sync(1, 1);
    const before = port;
    port += 1;
    await sync(1, 1);
    expect((await ask()).code).toBe(200);
    await expect(fetch(`http://${address}:${before}/`)).rejects.toThrow('fetch failed');
    await servers.sync('default/web', undefined);
    await expect(ask()).rejects.toThrow('fetch failed');
  });

  it('says when it cannot have the port, and can have it later', async () => {
    const other = createServer().listen(port, address);
    await once(other, 'listening');
    await expect(sync(1, 1)).rejects.toThrow('EADDRINUSE');
    await new Promise((resolve) => other.close(resolve));
    await sync(1, 1);
    expect((await ask()).code).toBe(200);
  });
});
