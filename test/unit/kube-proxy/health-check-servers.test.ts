import { createServer } from 'node:net';
import { once } from 'node:events';
import { HealthCheckServers } from '../../../kube-proxy/health-check-servers';

/** A port that nobody has: the one of a socket that is closed again. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('the health check of a Service', () => {
  let healthy = true;
  let port: number;
  const servers = new HealthCheckServers({
    placeAt: (address) => (address === '127.0.0.1' ? 'one' : 'two'),
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

  beforeAll(async () => {
    port = await freePort();
  });
  beforeEach(() => (healthy = true));
  afterAll(() => servers.stop());

  const ask = async (address = '127.0.0.1') => {
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
    expect((await ask('127.0.0.2')).code).toBe(503);
  });

  it('follows the endpoints and the proxy', async () => {
    await sync(1, 1);
    expect((await ask('127.0.0.2')).code).toBe(200);
    healthy = false;
    expect(await ask()).toMatchObject({ code: 503, text: expect.stringContaining('"serviceProxyHealthy": false') });
  });

  it('moves with the port, and ends with it', async () => {
    await sync(1, 1);
    const before = port;
    port = await freePort();
    await sync(1, 1);
    expect((await ask()).code).toBe(200);
    await expect(fetch(`http://127.0.0.1:${before}/`)).rejects.toThrow('fetch failed');
    await servers.sync('default/web', undefined);
    await expect(ask()).rejects.toThrow('fetch failed');
  });

  it('says when it cannot have the port, and can have it later', async () => {
    const other = createServer().listen(port, '0.0.0.0');
    await once(other, 'listening');
    await expect(sync(1, 1)).rejects.toThrow('EADDRINUSE');
    await new Promise((resolve) => other.close(resolve));
    await sync(1, 1);
    expect((await ask()).code).toBe(200);
  });
});
