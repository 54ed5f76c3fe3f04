/** Lists: pages, forms, compression, and that a long list does not hold up the others. */
import { gunzipSync } from 'node:zlib';
import https from 'node:https';
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { compactEtcd } from '../../support/etcd';

let server: TestApiServer;
const path = '/api/v1/namespaces/many/configmaps';
const count = 450;

beforeAll(async () => {
  server = await startTestApiServer();
  await server.rest('POST', '/api/v1/namespaces', { body: { metadata: { name: 'many' } } });
  const names = Array.from({ length: count }, (_, i) => `c-${String(i).padStart(4, '0')}`);
  for (let i = 0; i < count; i += 50) {
    await Promise.all(
      names.slice(i, i + 50).map((name) =>
        server.rest('POST', path, {
          body: {
            metadata: { name, labels: { even: String(Number(name.slice(2)) % 2 === 0) } },
            data: { x: 'x'.repeat(500) },
          },
        }),
      ),
    );
  }
}, 120_000);

afterAll(async () => {
  await server?.stop();
});

it('gives the pages of one snapshot', async () => {
  const names: string[] = [];
  const revisions = new Set<string>();
  let token = '';
  let remaining = 0;
  do {
    const { body } = await server.rest('GET', `${path}?limit=100${token && `&continue=${encodeURIComponent(token)}`}`);
    revisions.add(body.metadata.resourceVersion);
    names.push(...body.items.map((item: any) => item.metadata.name));
    if (names.length === 100) {
      remaining = body.metadata.remainingItemCount;
      await server.rest('DELETE', `${path}/c-0300`);
    }
    token = body.metadata.continue ?? '';
  } while (token);
  expect(remaining).toBe(count - 100);
  expect(names).toHaveLength(count);
  expect(new Set(names).size).toBe(count);
  expect(revisions.size).toBe(1);
});

it('is listed in chunks by kubectl', async () => {
  const { stdout, stderr, code } = await server.kubectl([
    'get',
    'configmaps',
    '-n',
    'many',
    '--chunk-size=100',
    '-o',
    'name',
  ]);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(stdout.trim().split('\n')).toHaveLength(count - 1);
});

it('selects by label and by name', async () => {
  const even = await server.rest('GET', `${path}?labelSelector=even%3Dtrue`);
  expect(even.body.items).toHaveLength(count / 2 - 1);
  const one = await server.rest('GET', '/api/v1/configmaps?fieldSelector=metadata.name%3Dc-0007');
  expect(one.body.items.map((item: any) => item.metadata.name)).toEqual(['c-0007']);
});

it('gives lists, tables, metadata, YAML and indented JSON of the same objects', async () => {
  const plain = await server.rest('GET', path);
  expect(plain.body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' });
  expect(plain.headers['content-type']).toBe('application/json');
  const pretty = await server.rest('GET', `${path}?pretty=true`);
  expect(pretty.body.items).toEqual(plain.body.items);
  expect(pretty.text).toBe(`${JSON.stringify(pretty.body, null, 2)}\n`);
  const table = await server.rest('GET', path, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } });
  expect(table.body).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
  expect(table.body.rows).toHaveLength(count - 1);
  const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
  const metadata = await server.rest('GET', path, { headers: { accept } });
  expect(metadata.body.kind).toBe('PartialObjectMetadataList');
  expect(metadata.body.items[0]).toEqual({
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: plain.body.items[0].metadata,
  });
  const yaml = await server.rest('GET', `${path}/c-0001`, { headers: { accept: 'application/yaml' } });
  expect(yaml.text).toContain('kind: ConfigMap\n');
});

it('compresses long answers for clients that accept it', async () => {
  const { cert, key } = server.admin;
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    const headers = { 'accept-encoding': 'gzip' };
    https
      .get(`${server.url}${path}`, { ca: server.ca, cert, key, headers, agent: false }, (answer) => {
        expect(answer.headers['content-encoding']).toBe('gzip');
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => resolve(Buffer.concat(chunks)));
      })
      .on('error', reject);
  });
  expect(JSON.parse(gunzipSync(bytes).toString()).items).toHaveLength(count - 1);
});

describe('resourceVersion', () => {
  const get = (query: string) => server.rest('GET', `${path}?${query}`);
  const message = async (query: string): Promise<string> => (await get(query)).body.message;

  it('reads the past when an exact revision is asked for, also by a limit alone', async () => {
    const { metadata } = (await get('limit=1')).body;
    const created = (await server.rest('POST', path, { body: { metadata: { name: 'a-later' } } })).body.metadata;
    for (const query of ['resourceVersionMatch=Exact&', 'resourceVersionMatch=Exact&limit=500&', 'limit=500&']) {
      const { body } = await get(`${query}resourceVersion=${metadata.resourceVersion}`);
      expect(body.metadata).toEqual({ resourceVersion: metadata.resourceVersion });
      expect(body.items[0].metadata.name).toBe('c-0000');
    }
    const later = await get(`resourceVersionMatch=NotOlderThan&resourceVersion=${created.resourceVersion}`);
    expect(later.body.items[0].metadata.name).toBe('a-later');
    const unset = await get(`resourceVersion=${created.resourceVersion}`);
    expect(unset.body.items[0].metadata.name).toBe('a-later');
    await server.rest('DELETE', `${path}/a-later`);
  });

  it('gives everything for 0, whatever the limit', async () => {
    // 0 may be answered with the past: a consistent read brings the cache up to date first.
    const now = await get('');
    const { body } = await get('resourceVersion=0&limit=5');
    expect(body.items).toHaveLength(now.body.items.length);
    expect(body.items).toHaveLength(count - 1);
    expect(body.metadata.continue).toBeUndefined();
    const limited = await get('resourceVersion=0&resourceVersionMatch=NotOlderThan&limit=5');
    expect(limited.body.items).toHaveLength(5);
  });

  it('times out on revisions that are not there yet, and says that it may be tried again', async () => {
    for (const query of ['resourceVersion=900000000', 'resourceVersion=900000000&resourceVersionMatch=Exact']) {
      const { code, body, headers } = await get(query);
      expect({ code, reason: body.reason }).toEqual({ code: 504, reason: 'Timeout' });
      expect(body.message).toMatch(/^Timeout: Too large resource version: 900000000, current: \d+$/);
      expect(body.details).toMatchObject({
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        retryAfterSeconds: 1,
      });
      expect(headers['retry-after']).toBe('1');
    }
    const one = await server.rest('GET', `${path}/c-0001?resourceVersion=900000000`);
    expect(one.code).toBe(504);
    expect((await get('resourceVersion=18446744073709551615&resourceVersionMatch=Exact')).code).toBe(504);
  });

  it('refuses combinations that mean nothing, in upstream’s words', async () => {
    const { metadata } = (await get('limit=1')).body;
    const token = encodeURIComponent(metadata.continue);
    expect(await message('resourceVersionMatch=Exact')).toBe(
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    );
    expect(await message('resourceVersionMatch=Exact&resourceVersion=0')).toBe(
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    );
    expect(await message('resourceVersionMatch=Newest&resourceVersion=1')).toBe(
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Unsupported value: "Newest": supported values: "", "Exact", "NotOlderThan"',
    );
    expect(await message(`resourceVersionMatch=NotOlderThan&resourceVersion=1&continue=${token}`)).toBe(
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided',
    );
    expect(await message(`resourceVersion=1&continue=${token}`)).toBe(
      'specifying resource version is not allowed when using continue',
    );
    expect(await message('sendInitialEvents=true')).toBe(
      'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list',
    );
    expect(await message('continue=x')).toMatch(/^invalid continue token: continue key is not valid/);
    expect((await get('limit=many')).code).toBe(400);
  });
});

it('counts what remains only where nothing selects', async () => {
  const plain = await server.rest('GET', `${path}?limit=10`);
  expect(plain.body.metadata.remainingItemCount).toBe(count - 11);
  const everywhere = await server.rest('GET', '/api/v1/configmaps?limit=10');
  expect(everywhere.body.metadata.remainingItemCount).toBeGreaterThan(0);
  for (const query of ['labelSelector=even%3Dtrue', 'fieldSelector=metadata.name%21%3Dc-0001']) {
    const { metadata } = (await server.rest('GET', `${path}?limit=10&${query}`)).body;
    expect(metadata.continue).toEqual(expect.any(String));
    expect(metadata).not.toHaveProperty('remainingItemCount');
  }
  const last = await server.rest('GET', `${path}?limit=1000`);
  expect(last.body.metadata).toEqual({ resourceVersion: expect.any(String) });
});

it('goes on inconsistently after a compaction, with the token that the refusal carries', async () => {
  const first = (await server.rest('GET', `${path}?limit=400`)).body;
  await server.rest('POST', path, { body: { metadata: { name: 'z-new' } } });
  await compactEtcd(server.etcd);
  const gone = await server.rest('GET', `${path}?limit=400&continue=${encodeURIComponent(first.metadata.continue)}`);
  expect(gone.body).toMatchObject({ code: 410, reason: 'Expired', metadata: { continue: expect.any(String) } });
  expect(gone.body.message).toMatch(/^The provided continue parameter is too old to display a consistent list result/);
  const rest = await server.rest('GET', `${path}?continue=${encodeURIComponent(gone.body.metadata.continue)}`);
  expect(rest.body.items).toHaveLength(count - 1 - 400 + 1);
  expect(rest.body.items.at(-1).metadata.name).toBe('z-new');
  expect(Number(rest.body.metadata.resourceVersion)).toBeGreaterThan(Number(first.metadata.resourceVersion));
  await server.rest('DELETE', `${path}/z-new`);
  const exact = `resourceVersionMatch=Exact&resourceVersion=${first.metadata.resourceVersion}`;
  const old = await server.rest('GET', `${path}?${exact}`);
  expect(old.body).toMatchObject({
    code: 410,
    reason: 'Expired',
    message: 'The resourceVersion for the provided list is too old.',
  });
});

it('negotiates what it answers with, and refuses the rest', async () => {
  const accepting = (accept: string, query = '') => server.rest('GET', `${path}${query}`, { headers: { accept } });
  for (const accept of ['application/vnd.kubernetes.protobuf', 'text/html', 'application/json;as=Table;v=v7;g=x']) {
    expect((await accepting(accept)).body).toMatchObject({ code: 406, reason: 'NotAcceptable' });
  }
  const streamed = await accepting('application/yaml', '?watch=1');
  expect(streamed.body).toMatchObject({ code: 406, reason: 'NotAcceptable' });
  const table = await accepting('application/json;as=Table;v=v1;g=meta.k8s.io', '?includeObject=All');
  expect(table.body).toMatchObject({
    code: 400,
    message:
      "Unable to convert to Table as requested: includeObject: Invalid value: \"All\": must be 'Metadata', 'Object', 'None', or empty",
  });
  const odd = await server.rest('POST', path, { body: '{}', headers: { 'content-type': 'text/plain' } });
  expect(odd.body).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' });
  expect((await server.rest('HEAD', path)).code).toBe(405);
  // Only a proxy passes such methods on: to a pod, if there were one.
  for (const method of ['HEAD', 'OPTIONS']) {
    expect((await server.rest(method, '/api/v1/namespaces/default/pods/none/proxy/page')).code).toBe(404);
  }
});

it('warns readers of a deprecated version', async () => {
  const { headers } = await server.rest('GET', '/api/v1/namespaces/many/endpoints');
  expect(headers.warning).toBe('299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"');
});

it('deletes a collection by label, and answers with what it deleted', async () => {
  const { code, body } = await server.rest('DELETE', `${path}?labelSelector=even%3Dfalse`);
  expect(code).toBe(200);
  expect(body.kind).toBe('ConfigMapList');
  expect(body.items).toHaveLength(count / 2);
  const left = await server.rest('GET', path);
  expect(left.body.items).toHaveLength(count / 2 - 1);
});
