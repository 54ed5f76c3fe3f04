import { createServer } from 'node:net';
import { once } from 'node:events';
import { createWebhookClient, type WebhookClient } from '../../../apiserver/webhook-client';
import { endpointSlices } from '../../../api/discovery/v1/endpointslice';
import { services } from '../../../api/core/v1/service';
import { createTestLoopback, type TestLoopback } from '../../support/loopback';
import { startWebhookServer, type WebhookServer } from '../../support/webhook-server';

describe('the client of webhooks', () => {
  let server: WebhookServer;
  let loopback: TestLoopback;
  let client: WebhookClient;
  const timeoutMs = 10_000;

  beforeAll(async () => {
    server = await startWebhookServer(['hook.tools.svc']);
    loopback = createTestLoopback();
    client = createWebhookClient({ loopback });
  });
  beforeEach(() => {
    server.calls.length = 0;
    server.handle = () => ({ answer: 42 });
  });
  afterAll(async () => {
    client.close();
    await server.stop();
  });

  const byUrl = (path = '/review') => ({ url: `${server.url}${path}`, caBundle: server.caBundle });

  it('posts the body to a URL and gives the parsed answer', async () => {
    expect(await client.call(byUrl(), { asked: 1 }, { timeoutMs })).toEqual({ answer: 42 });
    expect(server.calls).toMatchObject([{ path: '/review?timeout=10s', body: { asked: 1 } }]);
  });

  it('keeps its connection', async () => {
    await client.call(byUrl(), {}, { timeoutMs });
    const before = server.connections;
    await client.call(byUrl(), {}, { timeoutMs });
    expect(server.connections).toBe(before);
  });

  it('calls a ready endpoint of a service under the name of the service', async () => {
    const metadata = { name: 'hook', namespace: 'tools' };
    loopback.put(services, { metadata, spec: { ports: [{ name: 'api', port: 443 }] } });
    loopback.put(endpointSlices, {
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'hook' } },
      addressType: 'IPv4',
      ports: [{ name: 'api', port: server.port }],
      endpoints: [{ addresses: ['127.0.0.1'] }, { addresses: ['192.0.2.1'], conditions: { ready: false } }],
    });
    const service = { ...metadata, path: '/mutate' };
    await client.call({ service, caBundle: server.caBundle }, {}, { timeoutMs });
    expect(server.calls).toMatchObject([
      { path: '/mutate?timeout=10s', host: 'hook.tools.svc:443', serverName: 'hook.tools.svc' },
    ]);
    await expect(
      client.call({ service: { ...service, port: 8443 }, caBundle: server.caBundle }, {}, { timeoutMs }),
    ).rejects.toThrow(
      'Post "https://hook.tools.svc:8443/mutate?timeout=10s": no service port 8443 found for service "hook"',
    );
  });

  it.each([
    ['a service that is not there', { service: { name: 'no', namespace: 'tools' } }, 'services "no" not found'],
    ['a port nobody listens on', { url: 'https://127.0.0.1:1/x' }, 'dial tcp 127.0.0.1:1: connect: connection refused'],
    ['plain HTTP', { url: 'http://127.0.0.1:1/x' }, 'invalid webhook URL "http://127.0.0.1:1/x"'],
    ['nothing', {}, 'must specify either a URL or a service'],
  ])('says why it cannot call %s', async (_, config, message) => {
    await expect(client.call(config, {}, { timeoutMs })).rejects.toThrow(message);
  });

  it('refuses a certificate of an unknown authority', async () => {
    await expect(client.call({ url: server.url }, {}, { timeoutMs })).rejects.toThrow(
      /^Post ".*": tls: failed to verify certificate: x509: certificate signed by unknown authority$/,
    );
  });

  it('refuses a certificate for another name', async () => {
    const url = server.url.replace('127.0.0.1', 'localhost');
    await expect(client.call({ url, caBundle: server.caBundle }, {}, { timeoutMs })).rejects.toThrow(
      'x509: certificate is valid for 127.0.0.1, hook.tools.svc, not localhost',
    );
  });

  it('gives up at its deadline, also between the header and the end of the body', async () => {
    server.handle = () => undefined;
    const expected = `Post "${server.url}/review?timeout=1s": context deadline exceeded`;
    await expect(client.call(byUrl(), {}, { timeoutMs: 100 })).rejects.toThrow(expected);
    server.handle = (_call, response) => void response.writeHead(200).write('{');
    await expect(client.call(byUrl(), {}, { timeoutMs: 100 })).rejects.toThrow(expected);
  });

  it.each([
    [302, 'the server responded with the status code 302 but did not return more information'],
    [404, 'the server could not find the requested resource'],
    [500, 'an error on the server ("boom") has prevented the request from succeeding'],
    [503, 'the server is currently unable to handle the request'],
  ])('reports an answer with code %d and follows no redirect', async (code, message) => {
    server.handle = (_call, response) =>
      void response.writeHead(code, { location: `${server.url}/other`, 'content-type': 'text/plain' }).end('boom\n');
    await expect(client.call(byUrl(), {}, { timeoutMs })).rejects.toMatchObject({ message, status: { code } });
    expect(server.calls).toHaveLength(1);
  });

  it('refuses an answer without end and one that is no JSON', async () => {
    server.handle = () => ({ text: 'x'.repeat(2000) });
    await expect(client.call(byUrl(), {}, { timeoutMs, maxResponseBytes: 1000 })).rejects.toThrow(
      'longer than 1000 bytes',
    );
    server.handle = (_call, response) => void response.end('<html>');
    await expect(client.call(byUrl(), {}, { timeoutMs })).rejects.toThrow('json parse error');
  });

  it('survives a kept connection that the server closed', async () => {
    server.handle = (_call, response, request) => {
      setImmediate(() => request.socket.destroy());
      response.end('{}');
    };
    await client.call(byUrl(), {}, { timeoutMs });
    server.handle = () => ({ again: true });
    expect(await client.call(byUrl(), {}, { timeoutMs })).toEqual({ again: true });
  });

  it('says so when the other side does not speak TLS', async () => {
    const plain = createServer((socket) => socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const { port } = plain.address() as { port: number };
    const call = client.call({ url: `https://127.0.0.1:${port}` }, {}, { timeoutMs });
    await expect(call.finally(() => plain.close())).rejects.toThrow('http: server gave HTTP response to HTTPS client');
  });
});
