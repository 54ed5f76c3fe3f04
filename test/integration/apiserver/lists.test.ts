/** Lists: pages, forms, compression, and that a long list does not hold up the others. */
import { gunzipSync } from 'node:zlib';
import https from 'node:https';
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';

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

it('deletes a collection by label, and answers with what it deleted', async () => {
  const { code, body } = await server.rest('DELETE', `${path}?labelSelector=even%3Dfalse`);
  expect(code).toBe(200);
  expect(body.kind).toBe('ConfigMapList');
  expect(body.items).toHaveLength(count / 2);
  const left = await server.rest('GET', path);
  expect(left.body.items).toHaveLength(count / 2 - 1);
}, 30_000);
