import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { runProbe } from '../../../../kubelet/probes/prober';

describe('http probes and redirects', () => {
  let server: http.Server;
  let port: number;
  const target = { container: { name: 'app' } as never, containerId: 'x', podIp: '127.0.0.1' };

  beforeAll(async () => {
    server = http.createServer((request, response) => {
      if (request.url === '/endless') return void response.write('x'.repeat(20_000));
      const [, code = '302', location = request.url] = /^\/(\d+)(?:\?(.*))?$/.exec(request.url ?? '') ?? [];
      if (code.startsWith('30') && code !== '304') response.setHeader('location', location ?? '');
      response.writeHead(Number(code)).end('the page');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const probe = (path: string) => runProbe({} as never, { httpGet: { path, port }, timeoutSeconds: 60 }, target);

  it.each([
    ['/200', 'success', 'the page'],
    ['/302?/200', 'success', 'the page'],
    ['/307?/302?/500', 'failure', 'HTTP probe failed with statuscode: 500'],
    ['/302?http://0.0.0.0/', 'warning', 'Probe terminated redirects, Response body: the page'],
    ['/304', 'warning', 'Probe terminated redirects, Response body: '],
  ])('ends %s in %s', async (path, result, output) => {
    expect(await probe(path)).toEqual({ result, output });
  });

  it('reads no more of a page than it would show', async () => {
    expect(await probe('/endless')).toEqual({ result: 'success', output: 'x'.repeat(10_240) });
  });

  it('gives up on redirects in a circle', async () => {
    expect(await probe('/circle')).toEqual({
      result: 'failure',
      output: `Get "http://127.0.0.1:${port}/circle": stopped after 10 redirects`,
    });
  });
});
