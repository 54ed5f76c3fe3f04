import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pods } from '../../../api/core/v1/pod';
import { createRestClient, type RestClient } from '../../../client/rest-client';
import { createMetrics } from '../../../component-base/metrics';
import { createFakeClock } from '../../support/fake-clock';
import { until } from '../../support/until';

/** A plain HTTP server on loopback that answers by a function and notes the requests. */
function serve(answer: (request: http.IncomingMessage, response: http.ServerResponse, body: string) => void) {
  const requests: { method?: string; url?: string; headers: http.IncomingHttpHeaders; body: string }[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      requests.push({
        method: request.method,
        url: request.url,
        headers: request.headers,
        body,
      });
      answer(request, response, body);
    });
  });
  return new Promise<{ url: string; server: http.Server; requests: typeof requests }>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, requests });
    });
  });
}

const json = (response: http.ServerResponse, code: number, body: object, headers = {}): void => {
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
};

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0)) close();
});
async function open(
  answer: Parameters<typeof serve>[0],
  more: Partial<Parameters<typeof createRestClient>[0]> = {},
  options: Partial<Parameters<typeof createRestClient>[1]> = {},
): Promise<{ client: RestClient; requests: Awaited<ReturnType<typeof serve>>['requests'] }> {
  const { url, server, requests } = await serve(answer);
  const client = createRestClient({ server: url, ...more }, { userAgent: 'kubelab-test/v1.36.0', ...options });
  opened.push(() => {
    void client.close();
    server.closeAllConnections();
    server.close();
  });
  return { client, requests };
}

const web = { metadata: { name: 'web', namespace: 'ns' } };

describe('REST client', () => {
  it('speaks the paths, methods and content types of the API', async () => {
    const { client, requests } = await open((_request, response) => json(response, 200, { items: [{ metadata: {} }] }));
    await client.get(pods, 'web', 'ns');
    const list = await client.list(pods, { namespace: 'ns', labelSelector: 'a=b', limit: 5, resourceVersion: '0' });
    await client.create(pods, web);
    await client.updateStatus(pods, web);
    await client.patch(pods, 'web', 'ns', { spec: {} }, { type: 'strategic', subresource: 'status' });
    await client.delete(pods, 'web', 'ns', { gracePeriodSeconds: 0, preconditions: { uid: 'u' } });
    await client.createSubresource(pods, 'web', 'ns', 'binding', { target: {} });
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /api/v1/namespaces/ns/pods/web',
      'GET /api/v1/namespaces/ns/pods?labelSelector=a%3Db&resourceVersion=0&limit=5',
      'POST /api/v1/namespaces/ns/pods',
      'PUT /api/v1/namespaces/ns/pods/web/status',
      'PATCH /api/v1/namespaces/ns/pods/web/status',
      'DELETE /api/v1/namespaces/ns/pods/web',
      'POST /api/v1/namespaces/ns/pods/web/binding',
    ]);
    expect(list.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'Pod' });
    expect(JSON.parse(requests[2]?.body ?? '')).toMatchObject({ apiVersion: 'v1', kind: 'Pod' });
    expect(requests[4]?.headers['content-type']).toBe('application/strategic-merge-patch+json');
    expect(JSON.parse(requests[5]?.body ?? '')).toMatchObject({ gracePeriodSeconds: 0, preconditions: { uid: 'u' } });
    expect(requests[0]?.headers['user-agent']).toBe('kubelab-test/v1.36.0');
  });

  it('rejects with the Status that was answered, or one made from the code', async () => {
    const { client } = await open((request, response) => {
      if (request.url?.endsWith('/web')) {
        json(response, 404, { kind: 'Status', reason: 'NotFound', message: 'pods "web" not found', code: 404 });
      } else {
        response.writeHead(503);
        response.end('down');
      }
    });
    await expect(client.get(pods, 'web', 'ns')).rejects.toMatchObject({
      reason: 'NotFound',
      message: 'pods "web" not found',
    });
    await expect(client.get(pods, 'other', 'ns')).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
      message: 'the server is currently unable to handle the request (down)',
    });
  });

  it('asks again when told to wait, and gives up when not', async () => {
    let tries = 0;
    const clock = createFakeClock();
    const { client } = await open(
      (_request, response) => {
        tries += 1;
        if (tries < 3) json(response, 429, {}, { 'retry-after': '2' });
        else json(response, 200, web);
      },
      {},
      { clock },
    );
    const answer = client.create(pods, web);
    for (let waits = 0; waits < 2; waits++) {
      // The request's timeout, and the wait that was asked for.
      await until('the client waits', () => clock.pending >= 2, { everyMs: 1 });
      await clock.advance(2000);
    }
    expect(await answer).toMatchObject(web);
  });

  it('limits the rate of requests', async () => {
    const clock = createFakeClock();
    const { client, requests } = await open(
      (_request, response) => json(response, 200, web),
      {},
      { clock, qps: 1, burst: 2 },
    );
    const all = [1, 2, 3].map(() => client.get(pods, 'web', 'ns'));
    await Promise.all(all.slice(0, 2));
    expect(requests).toHaveLength(2);
    await clock.advance(1000);
    await Promise.all(all);
  });

  it('gives up after the timeout, and when aborted', async () => {
    const { client } = await open(() => {});
    await expect(client.get(pods, 'web', 'ns', { timeoutMs: 30 })).rejects.toThrow(
      'GET /api/v1/namespaces/ns/pods/web: no answer within 0.03 s',
    );
    const stop = new AbortController();
    const pending = client.get(pods, 'web', 'ns', { signal: stop.signal });
    stop.abort(new Error('stopped'));
    await expect(pending).rejects.toThrow('stopped');
  });

  it('streams a watch, and ends it when the caller stops reading', async () => {
    let closed = (): void => {};
    const ended = new Promise<void>((resolve) => (closed = resolve));
    const { client, requests } = await open((_request, response) => {
      response.writeHead(200);
      response.write(`${JSON.stringify({ type: 'ADDED', object: web })}\n{"type":"MOD`);
      response.on('close', closed);
    });
    for await (const event of client.watch(pods, {
      resourceVersion: '5',
      allowWatchBookmarks: true,
      timeoutSeconds: 300,
    })) {
      expect(event).toEqual({ type: 'ADDED', object: web });
      break;
    }
    await ended;
    expect(requests[0]?.url).toBe(
      '/api/v1/pods?resourceVersion=5&watch=true&allowWatchBookmarks=true&timeoutSeconds=300',
    );
  });

  it('throws when a watch is cut, and when it answers an error', async () => {
    let count = 0;
    const { client } = await open((_request, response) => {
      count += 1;
      if (count > 1) return json(response, 410, { kind: 'Status', reason: 'Expired', code: 410 });
      response.writeHead(200);
      response.write('{"type":"ADDED","object":{}}\n');
      setImmediate(() => response.destroy());
    });
    const read = async (): Promise<void> => {
      for await (const _event of client.watch(pods)) void _event;
    };
    await expect(read()).rejects.toThrow('aborted');
    await expect(read()).rejects.toMatchObject({ reason: 'Expired' });
  });

  it('repeats a read on an idle connection that the server had closed, never a write', async () => {
    let seen = 0;
    const { client, requests } = await open((request, response) => {
      seen += 1;
      if (seen % 2 === 1) json(response, 200, web);
      else request.socket.destroy();
    });
    await client.get(pods, 'web', 'ns');
    await client.get(pods, 'web', 'ns');
    expect(requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET']);
    seen = 1;
    await expect(client.create(pods, web)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it('reads the token file again after a minute', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kubelab-token-'));
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, 'one\n');
    const clock = createFakeClock();
    const { client, requests } = await open((_request, response) => json(response, 200, web), { tokenFile }, { clock });
    await client.get(pods, 'web', 'ns');
    writeFileSync(tokenFile, 'two\n');
    await clock.advance(59_000);
    await client.get(pods, 'web', 'ns');
    await clock.advance(2000);
    await client.get(pods, 'web', 'ns');
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer one', 'Bearer one', 'Bearer two']);
    rmSync(folder, { recursive: true });
  });

  it('counts requests under upstream names', async () => {
    const metrics = createMetrics({ process: false });
    const { client } = await open((_request, response) => json(response, 200, web), {}, { metrics });
    await client.get(pods, 'web', 'ns');
    expect(await metrics.text()).toMatch(
      /rest_client_requests_total\{code="200",method="GET",host="127\.0\.0\.1:\d+"\} 1/,
    );
  });

  it('upgrades a connection, or rejects with the answer', async () => {
    const { client } = await open((_request, response) =>
      json(response, 403, { kind: 'Status', message: 'no', code: 403 }),
    );
    const request = { method: 'POST', path: '/exec', query: { command: 'ls' }, headers: { upgrade: 'SPDY/3.1' } };
    await expect(client.upgrade(request)).rejects.toMatchObject({ code: 403, message: 'no' });
    const { url, server } = await serve(() => {});
    server.on('upgrade', (_request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: SPDY/3.1\r\nconnection: Upgrade\r\n\r\nhello');
    });
    const upgrading = createRestClient({ server: url }, { userAgent: 'test' });
    const socket = await upgrading.upgrade(request);
    const first = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    expect(first.toString()).toBe('hello');
    socket.destroy();
    server.close();
  });
});
