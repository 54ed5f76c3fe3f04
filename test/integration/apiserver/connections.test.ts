/** Connections: upgrades, limits of time, metrics, and the end of the server. */
import https from 'node:https';
import { WebSocket } from 'ws';
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { openWatch } from '../../support/watch-client';

let server: TestApiServer;
const configMaps = '/api/v1/namespaces/default/configmaps';

beforeAll(async () => {
  server = await startTestApiServer();
});

afterAll(async () => {
  await server?.stop();
});

it('watches over WebSocket, one event a message', async () => {
  const { cert, key } = server.admin;
  const socket = new WebSocket(`${server.url.replace('https', 'wss')}${configMaps}?watch=1`, {
    ca: server.ca,
    cert,
    key,
  });
  const message = new Promise<any>((resolve, reject) => {
    socket.once('message', (data: Buffer) => resolve(JSON.parse(data.toString())));
    socket.once('error', reject);
  });
  await new Promise((resolve) => socket.once('open', resolve));
  const { body } = await server.rest('POST', configMaps, { body: { metadata: { name: 'over-websocket' } } });
  expect(await message).toEqual({ type: 'ADDED', object: body });
  socket.close();
});

it('answers a refused upgrade with a Status', async () => {
  const { cert, key } = server.admin;
  const upgrade = (path: string): Promise<{ code: number; text: string }> =>
    new Promise((resolve, reject) => {
      const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1' };
      const request = https.request(`${server.url}${path}`, {
        method: 'POST',
        agent: false,
        ca: server.ca,
        cert,
        key,
        headers,
      });
      request.on('response', (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () => resolve({ code: answer.statusCode ?? 0, text }));
      });
      request.on('error', reject);
      request.end();
    });
  const missing = await upgrade('/api/v1/namespaces/default/pods/missing/exec?command=sh&stdout=1');
  expect({ code: missing.code, body: JSON.parse(missing.text) }).toMatchObject({
    code: 404,
    body: { kind: 'Status', message: 'pods "missing" not found' },
  });
  expect((await upgrade(configMaps)).code).toBe(400);
});

it('counts requests under upstream names', async () => {
  await server.rest('GET', `${configMaps}/none`);
  const { text } = await server.rest('GET', '/metrics');
  expect(text).toMatch(/apiserver_request_total\{verb="GET",.*resource="configmaps",.*code="404"\} \d+/);
  expect(text).toMatch(/apiserver_request_duration_seconds_bucket\{/);
  expect(text).toMatch(/apiserver_current_inflight_requests\{request_kind="readOnly"\} \d+/);
});

it('serves the documents beside the resources', async () => {
  expect((await server.rest('GET', '/version')).body).toMatchObject({
    major: '1',
    gitVersion: expect.stringMatching(/^v1\./),
  });
  expect((await server.rest('GET', '/readyz?verbose')).text).toMatch(/^\[\+\]ping ok\n[\s\S]*readyz check passed\n$/);
  expect((await server.rest('GET', '/readyz?verbose')).text).toContain('\n[+]poststarthook/rbac/bootstrap-roles ok\n');
  expect((await server.rest('GET', '/livez/poststarthook/rbac/bootstrap-roles')).text).toBe('ok');
  const { body } = await server.rest('GET', '/');
  expect(body.paths).toEqual(
    expect.arrayContaining(['/api', '/apis', '/healthz', '/openapi/v2', '/openapi/v3', '/version']),
  );
  const { keys } = (await server.rest('GET', '/openid/v1/jwks')).body;
  expect(keys[0]).toMatchObject({ use: 'sig', kty: 'RSA', alg: 'RS256' });
  expect((await server.rest('GET', '/nowhere')).code).toBe(404);
  expect((await server.rest('POST', '/version')).code).toBe(405);
});

it('gives each answer an audit id, the client’s if it has one', async () => {
  const own = await server.rest('GET', configMaps, { headers: { 'audit-id': 'mine-1' } });
  expect(own.headers['audit-id']).toBe('mine-1');
  expect((await server.rest('GET', configMaps)).headers['audit-id']).toMatch(/^[0-9a-f-]{36}$/);
});

it('reads, sets and patches the scale of a deployment', async () => {
  const path = '/apis/apps/v1/namespaces/default/deployments';
  const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'a' }] } };
  const spec = { replicas: 2, selector: { matchLabels: { app: 'a' } }, template };
  await server.rest('POST', path, { body: { metadata: { name: 'scaled' }, spec } });
  const { body: scale } = await server.rest('GET', `${path}/scaled/scale`);
  expect(scale).toMatchObject({
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    spec: { replicas: 2 },
    status: { selector: 'app=a' },
  });
  const put = await server.rest('PUT', `${path}/scaled/scale`, { body: { ...scale, spec: { replicas: 3 } } });
  expect(put).toMatchObject({ code: 200, body: { spec: { replicas: 3 } } });
  expect((await server.rest('PUT', `${path}/scaled/scale`, { body: scale })).code).toBe(409);
  const headers = { 'content-type': 'application/merge-patch+json' };
  const patched = await server.rest('PATCH', `${path}/scaled/scale`, { body: { spec: { replicas: 4 } }, headers });
  expect(patched.body.spec.replicas).toBe(4);
  const negative = await server.rest('PATCH', `${path}/scaled/scale`, { body: { spec: { replicas: -1 } }, headers });
  expect(negative).toMatchObject({
    code: 422,
    body: {
      message:
        'Scale.autoscaling "scaled" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    },
  });
  expect((await server.rest('GET', `${path}/scaled`)).body.metadata.generation).toBe(3);
});

it('repeats a patch that lost a race, and refuses one that names an old revision', async () => {
  const { body: first } = await server.rest('POST', configMaps, {
    body: { metadata: { name: 'contended' }, data: {} },
  });
  const headers = { 'content-type': 'application/merge-patch+json' };
  const patches = Array.from({ length: 20 }, (_, i) =>
    server.rest('PATCH', `${configMaps}/contended`, { body: { data: { [`k${i}`]: 'v' } }, headers }),
  );
  expect(new Set((await Promise.all(patches)).map(({ code }) => code))).toEqual(new Set([200]));
  const { body } = await server.rest('GET', `${configMaps}/contended`);
  expect(Object.keys(body.data)).toHaveLength(20);
  const stale = { metadata: { resourceVersion: first.metadata.resourceVersion }, data: { x: 'y' } };
  const refused = await server.rest('PATCH', `${configMaps}/contended`, { body: stale, headers });
  expect(refused).toMatchObject({ code: 409, body: { reason: 'Conflict' } });
});

it('ends watches cleanly when it stops, and has everything after a restart', async () => {
  const watch = await openWatch(server, `${configMaps}?watch=1&fieldSelector=metadata.name%3Dkept`);
  const { body } = await server.rest('POST', configMaps, { body: { metadata: { name: 'kept' } } });
  expect((await watch.next())?.type).toBe('ADDED');
  await server.restart();
  expect(await watch.next()).toBeUndefined();
  expect((await server.rest('GET', `${configMaps}/kept`)).body).toEqual(body);
  const kept = await openWatch(server, `${configMaps}?watch=1&resourceVersion=${body.metadata.resourceVersion}`);
  await server.rest('DELETE', `${configMaps}/kept`);
  expect(await kept.next()).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'kept' } } });
  kept.close();
});
