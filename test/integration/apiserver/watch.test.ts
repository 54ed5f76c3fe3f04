/** Watches over HTTP: framing, resumption, selectors, bookmarks, and how they end. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { openWatch, type WatchClient } from '../../support/watch-client';

let server: TestApiServer;
const open: WatchClient[] = [];

beforeAll(async () => {
  server = await startTestApiServer();
});

afterEach(() => {
  for (const client of open.splice(0)) client.close();
});

afterAll(async () => {
  await server?.stop();
});

async function namespace(): Promise<string> {
  const { body } = await server.rest('POST', '/api/v1/namespaces', { body: { metadata: { generateName: 'watch-' } } });
  return body.metadata.name as string;
}

const configMaps = (ns: string, rest = ''): string => `/api/v1/namespaces/${ns}/configmaps${rest}`;

async function follow(path: string, headers?: Record<string, string>): Promise<WatchClient> {
  const client = await openWatch(server, path, headers);
  open.push(client);
  return client;
}

const create = async (ns: string, name: string, labels: object = {}): Promise<any> =>
  (await server.rest('POST', configMaps(ns), { body: { metadata: { name, labels }, data: { n: '0' } } })).body;

const patch = async (ns: string, name: string, body: object): Promise<any> =>
  (
    await server.rest('PATCH', configMaps(ns, `/${name}`), {
      body,
      headers: { 'content-type': 'application/merge-patch+json' },
    })
  ).body;

it('streams added, modified and deleted objects in order', async () => {
  const ns = await namespace();
  const { body } = await server.rest('GET', configMaps(ns));
  const client = await follow(configMaps(ns, `?watch=1&resourceVersion=${body.metadata.resourceVersion}`));
  expect(client.code).toBe(200);
  expect(client.headers).toMatchObject({ 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
  const created = await create(ns, 'a');
  const patched = await patch(ns, 'a', { data: { n: '1' } });
  await server.rest('DELETE', configMaps(ns, '/a'));
  expect(await client.next()).toEqual({ type: 'ADDED', object: created });
  expect(await client.next()).toEqual({ type: 'MODIFIED', object: patched });
  const deleted = await client.next();
  expect(deleted?.type).toBe('DELETED');
  expect(Number(deleted?.object.metadata.resourceVersion)).toBeGreaterThan(Number(patched.metadata.resourceVersion));
});

it('resumes from any revision without gaps', async () => {
  const ns = await namespace();
  const first = await create(ns, 'first');
  for (let i = 0; i < 20; i++) await create(ns, `n-${i}`);
  const client = await follow(configMaps(ns, `?watch=1&resourceVersion=${first.metadata.resourceVersion}`));
  for (let i = 0; i < 20; i++) expect((await client.next())?.object.metadata.name).toBe(`n-${i}`);
});

it('starts with the current state when no revision is given', async () => {
  const ns = await namespace();
  await create(ns, 'there');
  const client = await follow(configMaps(ns, '?watch=true'));
  expect(await client.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'there' } } });
});

it('reports an object that leaves the selector as deleted', async () => {
  const ns = await namespace();
  const client = await follow(configMaps(ns, '?watch=1&labelSelector=app%3Dweb'));
  await create(ns, 'other', { app: 'other' });
  await create(ns, 'web', { app: 'web' });
  expect(await client.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'web' } } });
  await patch(ns, 'web', { metadata: { labels: { app: 'gone' } } });
  expect(await client.next()).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'web' } } });
});

it('watches one name, by field selector and by the old path', async () => {
  const ns = await namespace();
  const selected = await follow(configMaps(ns, '?watch=1&fieldSelector=metadata.name%3Db'));
  const legacy = await follow(`/api/v1/watch/namespaces/${ns}/configmaps/b`);
  await create(ns, 'a');
  await create(ns, 'b');
  for (const client of [selected, legacy]) expect((await client.next())?.object.metadata.name).toBe('b');
});

it('ends after timeoutSeconds', async () => {
  const ns = await namespace();
  const client = await follow(configMaps(ns, '?watch=1&timeoutSeconds=1'));
  expect(await client.next()).toBeUndefined();
});

it('marks the end of the initial events with a bookmark', async () => {
  const ns = await namespace();
  await create(ns, 'a');
  const query = '?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const client = await follow(configMaps(ns, query));
  expect(await client.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'a' } } });
  expect(await client.next()).toMatchObject({
    type: 'BOOKMARK',
    object: {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: {
        annotations: { 'k8s.io/initial-events-end': 'true' },
        resourceVersion: expect.stringMatching(/^\d+$/),
      },
    },
  });
});

it('sends tables, with the columns in the first event only', async () => {
  const ns = await namespace();
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const client = await follow(configMaps(ns, '?watch=1'), { accept });
  await create(ns, 'a');
  await create(ns, 'b');
  const first = await client.next();
  expect(first).toMatchObject({ type: 'ADDED', object: { kind: 'Table', apiVersion: 'meta.k8s.io/v1' } });
  expect(first?.object.columnDefinitions.map((column: any) => column.name)).toEqual(['Name', 'Data', 'Age']);
  expect(first?.object.rows[0]).toMatchObject({
    cells: ['a', 1, expect.any(String)],
    object: { kind: 'PartialObjectMetadata' },
  });
  expect((await client.next())?.object.columnDefinitions).toBeNull();
});

it('sends bare metadata to those who want no more', async () => {
  const ns = await namespace();
  const accept = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
  const clients = await Promise.all([1, 2].map(() => follow(configMaps(ns, '?watch=1'), { accept })));
  const { metadata } = await create(ns, 'a');
  for (const client of clients) {
    expect(await client.next()).toEqual({
      type: 'ADDED',
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
    });
  }
});

describe('sendInitialEvents', () => {
  const initial = '?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';

  it('streams what is not older than a revision', async () => {
    const ns = await namespace();
    const { metadata } = await create(ns, 'a');
    const client = await follow(
      configMaps(ns, `${initial}&allowWatchBookmarks=true&resourceVersion=${metadata.resourceVersion}`),
    );
    expect((await client.next())?.object.metadata.name).toBe('a');
    const end = await client.next();
    expect(end?.type).toBe('BOOKMARK');
    expect(Number(end?.object.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(metadata.resourceVersion));
  });

  it('has no bookmark for clients that take none, and no state when it is false', async () => {
    const ns = await namespace();
    await create(ns, 'a');
    const without = await follow(configMaps(ns, initial));
    const later = await follow(configMaps(ns, initial.replace('true', 'false')));
    await create(ns, 'b');
    expect((await without.next())?.object.metadata.name).toBe('a');
    expect((await without.next())?.object.metadata.name).toBe('b');
    expect((await later.next())?.object.metadata.name).toBe('b');
  });

  it('says in an event that storage has not reached the revision', async () => {
    const client = await follow(`/api/v1/configmaps${initial}&resourceVersion=900000000`);
    expect(client.code).toBe(200);
    expect(await client.next()).toMatchObject({
      type: 'ERROR',
      object: { kind: 'Status', code: 504, reason: 'Timeout' },
    });
    expect(await client.next()).toBeUndefined();
  });

  it('is refused in upstream’s words without its match', async () => {
    const refusal = async (query: string): Promise<string> =>
      (await server.rest('GET', `/api/v1/configmaps?watch=1&${query}`)).body.message;
    expect(await refusal('sendInitialEvents=true')).toBe(
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    );
    expect(await refusal('resourceVersionMatch=NotOlderThan&resourceVersion=1')).toBe(
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    );
  });
});

it('sends a last bookmark shortly before a timed watch ends', async () => {
  const ns = await namespace();
  const { metadata } = await create(ns, 'a');
  const query = `?watch=1&allowWatchBookmarks=true&timeoutSeconds=3&resourceVersion=${metadata.resourceVersion}`;
  const client = await follow(configMaps(ns, query));
  const bookmark = await client.next();
  expect(bookmark).toMatchObject({ type: 'BOOKMARK', object: { kind: 'ConfigMap', apiVersion: 'v1' } });
  expect(Number(bookmark?.object.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(metadata.resourceVersion));
  expect(await client.next()).toBeUndefined();
});

it('answers a revision older than its history with an event', async () => {
  const ns = await namespace();
  // History begins with the server.
  await server.restart();
  const client = await follow(configMaps(ns, '?watch=1&resourceVersion=1'));
  expect(client.code).toBe(200);
  expect(await client.next()).toMatchObject({
    type: 'ERROR',
    object: { code: 410, reason: 'Expired', message: expect.stringMatching(/^too old resource version: 1 \(\d+\)$/) },
  });
  expect(await client.next()).toBeUndefined();
});

it('watches over a WebSocket', async () => {
  const ns = await namespace();
  const { cert, key } = server.admin;
  const socket = new WebSocket(`${server.url.replace('https', 'wss')}${configMaps(ns, '?watch=1')}`, {
    ca: server.ca,
    cert,
    key,
  });
  const message = once(socket, 'message');
  await once(socket, 'open');
  const created = await create(ns, 'a');
  const [data] = (await message) as [Buffer];
  expect(JSON.parse(data.toString())).toEqual({ type: 'ADDED', object: created });
  socket.close();
});

it('delivers every event to many watchers at once', async () => {
  const ns = await namespace();
  const clients = await Promise.all(Array.from({ length: 50 }, () => follow(configMaps(ns, '?watch=1'))));
  await Promise.all(Array.from({ length: 20 }, (_, i) => create(ns, `c-${i}`)));
  const seen = await Promise.all(
    clients.map(async (client) => {
      const names: string[] = [];
      for (let i = 0; i < 20; i++) names.push((await client.next())?.object.metadata.name);
      return names.join();
    }),
  );
  expect(new Set(seen).size).toBe(1);
  expect(new Set(seen[0]!.split(',')).size).toBe(20);
});
