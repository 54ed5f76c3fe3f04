/** Requests passed on to a real local server, as the API server's handlers do. */
import { once } from 'node:events';
import http, { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { relay } from '../../../../apiserver/proxy/relay';
import { StatusError } from '../../../../api/meta/status-error';
import { upgrade } from '../../../support/spdy-client';
import { until } from '../../../support/until';

const prefix = '/api/v1/namespaces/default/pods/web/proxy';
let backend: Server;
let front: Server;
let seen: IncomingMessage[] = [];
let bodies: string[] = [];
const tunnels: Duplex[] = [];
const served = new WeakSet<Socket>();

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${portOf(front)}${path}`, { redirect: 'manual', ...init });

const html = { 'content-type': 'text/html; charset=utf-8', 'access-control-allow-origin': '*' };
const page = '<p>ä</p><a href="/more">more</a>';
const ownPage = `<p>ä</p><a href="${prefix}/more">more</a>`;
const longPage = page + 'x'.repeat(3_000_000);

const answers: Record<string, (response: http.ServerResponse) => void> = {
  '/moved': (response) => response.writeHead(302, { location: '/elsewhere?x=1' }).end(),
  '/moved-here': (response) =>
    response.writeHead(302, { location: `http://127.0.0.1:${portOf(backend)}/elsewhere` }).end(),
  '/moved-away': (response) => response.writeHead(302, { location: 'http://example.com/' }).end(),
  '/slow': (response) => void response.write('first'),
  '/page': (response) => response.writeHead(200, html).end(page),
  '/zipped': (response) => response.writeHead(200, { ...html, 'content-encoding': 'gzip' }).end(gzipSync(page)),
  '/no-zip': (response) => response.writeHead(200, { ...html, 'content-encoding': 'br' }).end(page),
  '/script': (response) => response.writeHead(200, { 'content-type': 'text/javascript' }).end(page),
  '/cut': (response) =>
    void response.writeHead(200, { ...html, 'content-length': 100 }).write(page, () => response.destroy()),
  '/long': (response) => response.writeHead(200, html).end(longPage),
  '/hop': (response) => response.writeHead(200, { 'keep-alive': 'timeout=77', 'x-own': 'kept' }).end(),
};

beforeAll(async () => {
  backend = createServer((request, response) => {
    seen.push(request);
    if (request.url === '/unless-kept' && served.has(request.socket)) return request.socket.destroy();
    served.add(request.socket);
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      bodies.push(body);
      const answer = answers[request.url ?? ''];
      if (answer) answer(response);
      else response.end(`you asked ${request.method} ${request.url}`);
    });
  }).listen(0, '127.0.0.1');
  backend.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    seen.push(request);
    tunnels.push(socket);
    socket.on('error', () => {});
    if (request.url === '/refused') {
      const status = JSON.stringify(new StatusError(400, 'BadRequest', 'no such container').status);
      socket.end(`HTTP/1.1 400 Bad Request\r\ncontent-length: ${status.length}\r\n\r\n${status}`);
      return;
    }
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Own: yes\r\n\r\n');
    if (request.url === '/flood') socket.end(Buffer.alloc(5_000_000, 'f'));
    else socket.pipe(socket);
  });
  front = createServer((request, response) => pass(request, { response })).listen(0, '127.0.0.1');
  front.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => pass(request, { socket, head }));
  await Promise.all([once(backend, 'listening'), once(front, 'listening')]);
});

function pass(request: IncomingMessage, out: { response?: http.ServerResponse; socket?: Socket; head?: Buffer }): void {
  const port = request.url === '/nobody' ? 1 : portOf(backend);
  const target = { backend: { scheme: 'http' as const, host: '127.0.0.1', port }, path: request.url ?? '/', prefix };
  relay({ request, ...out }, target).catch((error: StatusError) => {
    if (out.response) out.response.writeHead(error.code).end(error.message);
    else out.socket?.end(`HTTP/1.1 ${error.code} Refused\r\nconnection: close\r\n\r\n${error.message}`);
  });
}

beforeEach(() => {
  seen = [];
  bodies = [];
});
afterEach(() => tunnels.splice(0).forEach((socket) => socket.destroy()));
afterAll(() => {
  backend.closeAllConnections();
  backend.close();
  front.closeAllConnections();
  front.close();
});

describe('a request', () => {
  it('goes on with its method, query and body', async () => {
    const answer = await ask('/a%20b?c=d', { method: 'PUT', body: 'content' });
    expect(await answer.text()).toBe('you asked PUT /a%20b?c=d');
    expect(bodies).toEqual(['content']);
  });

  it("leaves behind the caller's credentials and what is for one connection only", async () => {
    await ask('/', {
      headers: {
        authorization: 'Bearer secret',
        'impersonate-user': 'root',
        'x-remote-user': 'root',
        'proxy-authorization': 'x',
        'x-kept': 'yes',
      },
    });
    expect(seen[0]?.headers).toMatchObject({ 'x-kept': 'yes', host: `127.0.0.1:${portOf(backend)}` });
    for (const name of ['authorization', 'impersonate-user', 'x-remote-user', 'proxy-authorization']) {
      expect(seen[0]?.headers).not.toHaveProperty(name);
    }
  });

  it('keeps the frame of a DELETE body of unknown length, so that it is no second request', async () => {
    const smuggled = 'GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n';
    const request = http.request({
      port: portOf(front),
      method: 'DELETE',
      path: '/one',
      headers: { 'transfer-encoding': 'chunked' },
    });
    request.end(smuggled);
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    await ask('/two');
    expect(seen.map(({ url }) => url)).toEqual(['/one', '/two']);
    expect(bodies[0]).toBe(smuggled);
  });

  it('comes back without the headers of the other connection', async () => {
    const { headers } = await ask('/hop');
    expect(headers.get('x-own')).toBe('kept');
    expect(headers.get('keep-alive')).not.toBe('timeout=77');
  });

  it.each([
    ['/moved', `${prefix}/elsewhere?x=1`],
    ['/moved-here', `${prefix}/elsewhere`],
    ['/moved-away', 'http://example.com/'],
  ])('finds redirects of %s at %s', async (path, location) => {
    expect((await ask(path)).headers.get('location')).toBe(location);
  });

  it.each([
    ['/page', ownPage],
    ['/zipped', ownPage],
    ['/script', page],
    ['/long', longPage],
  ])('finds the links of %s where they are for it', async (path, text) => {
    const answer = await ask(path);
    expect((await answer.text()) === text).toBe(true);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('is answered 503 for a page of which not all came', async () => {
    const answer = await ask('/cut');
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('error trying to reach service');
  });

  it('gets what is packed in an unknown way as it is, and of HEAD the headers', async () => {
    const request = http.get({ port: portOf(front), path: '/no-zip' });
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    expect((await buffer(answer)).toString()).toBe(page);
    const { headers } = await ask('/page', { method: 'HEAD' });
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
  });

  it('tells the backend for whom it comes, and as what', async () => {
    await ask('/page?x=1', { headers: { 'x-forwarded-for': '192.0.2.1' } });
    expect(seen[0]?.headers).toMatchObject({
      'x-forwarded-for': '192.0.2.1, 127.0.0.1',
      'x-forwarded-uri': `${prefix}/page`,
    });
  });

  it('passes bytes on as they come, and gives up with its client', async () => {
    const abort = new AbortController();
    const answer = await ask('/slow', { signal: abort.signal });
    expect(Buffer.from((await answer.body!.getReader().read()).value).toString()).toBe('first');
    abort.abort();
    await until('the backend to notice', () => seen[0]?.socket.destroyed);
  });

  it.each([
    ['GET', undefined],
    ['PUT', 'x'.repeat(3_000_000)],
  ])('is answered 503 when nobody listens: %s', async (method, body) => {
    const answer = await ask('/nobody', { method, ...(body && { body }) });
    expect(answer.status).toBe(503);
    expect(await answer.text()).toMatch(
      /error trying to reach service: dial tcp 127\.0\.0\.1:\d+: connect: connection refused/,
    );
  });

  it('is sent again when the backend closes a kept connection at that moment, unless it may have changed something', async () => {
    await expect(closedBy('GET')).resolves.toEqual([200, 2]);
    await expect(closedBy('DELETE')).resolves.toEqual([503, 1]);
    await expect(closedBy('PUT', 'content')).resolves.toEqual([503, 1]);
  });

  /** The code, and how often the backend saw a request for which it closed the connection that had served another. */
  async function closedBy(method: string, body?: string): Promise<[number, number]> {
    await (await ask('/kept')).text();
    seen = [];
    const { status } = await ask('/unless-kept', { method, ...(body && { body }) });
    return [status, seen.length];
  }
});

describe('an upgrade', () => {
  const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': ['v5', 'v4'] };

  it('becomes a tunnel, with the headers of both handshakes', async () => {
    const { answer, socket } = await upgrade(portOf(front), '/tunnel', { ...headers, authorization: 'Bearer x' });
    expect(answer.headers).toMatchObject({ 'x-own': 'yes', upgrade: 'SPDY/3.1' });
    expect(seen[0]?.headers).toMatchObject({ upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v5, v4' });
    expect(seen[0]?.headers).not.toHaveProperty('authorization');
    socket.write('there and back');
    expect(String((await once(socket, 'data'))[0])).toBe('there and back');
    socket.destroy();
    await until('the backend to notice', () => tunnels[0]?.destroyed);
  });

  it('delivers all that was sent before the backend closed, to a slow client too', async () => {
    const { socket, head } = await upgrade(portOf(front), '/flood', headers);
    let bytes = head.length;
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      socket.pause();
      setImmediate(() => socket.resume());
    });
    socket.on('end', () => socket.end());
    await once(socket, 'end');
    expect(bytes).toBe(5_000_000);
  });

  it("gives the backend's Status when it is refused", async () => {
    await expect(upgrade(portOf(front), '/refused', headers)).rejects.toThrow('400: no such container');
  });

  it('is refused with 503 when nobody listens', async () => {
    await expect(upgrade(portOf(front), '/nobody', headers)).rejects.toThrow(/503: error trying to reach service/);
  });
});
