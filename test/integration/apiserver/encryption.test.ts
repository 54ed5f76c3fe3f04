/** Encryption at rest, seen in etcd itself: what is written, rotated, and read again after the keys changed. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../component-base/clock';
import { Etcd } from '../../../apiserver/storage/etcd';
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { until } from '../../support/until';

const folder = mkdtempSync(join(tmpdir(), 'kubelab-encryption-'));
const path = join(folder, 'encryption.yaml');
const secrets = '/api/v1/namespaces/default/secrets';
let server: TestApiServer;
let etcd: Etcd;

const secret = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
/** All at once: half a file would count as a broken one. */
const replaceFile = (text: string): void => {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
};
const write = (...providers: object[]): void =>
  replaceFile(
    JSON.stringify({
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'EncryptionConfiguration',
      resources: [{ resources: ['secrets'], providers }],
    }),
  );
const aescbc = { aescbc: { keys: [{ name: 'first', secret: secret(1) }] } };
const secretbox = { secretbox: { keys: [{ name: 'second', secret: secret(2) }] } };
const storedAt = async (key: string): Promise<string> =>
  (await etcd.get(`/registry/core/${key}`))!.value.toString('latin1');
const create = (name: string) =>
  server.rest('POST', secrets, {
    body: { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { password: 'hunter2' } },
  });
const reloads = async (status: string): Promise<number> => {
  const { text } = await server.rest('GET', '/metrics');
  const pattern = new RegExp(`automatic_reloads_total\\{status="${status}"\\} (\\d+)`);
  return Number(pattern.exec(text)?.[1] ?? 0);
};

beforeAll(async () => {
  write(aescbc, { identity: {} });
  server = await startTestApiServer({
    'encryption-provider-config': path,
    'encryption-provider-config-automatic-reload': 'true',
  });
  etcd = new Etcd({ endpoints: server.etcd.endpoints, clock: systemClock });
});

afterAll(async () => {
  etcd?.close();
  await server?.stop();
  rmSync(folder, { recursive: true });
});

it('keeps secrets, and only them, encrypted in etcd', async () => {
  expect((await create('one')).code).toBe(201);
  const stored = await storedAt('secrets/default/one');
  expect(stored).toMatch(/^k8s:enc:aescbc:v1:first:/);
  expect(stored).not.toContain('aHVudGVyMg');
  expect((await server.rest('GET', `${secrets}/one`)).body.data).toEqual({ password: 'aHVudGVyMg==' });
  expect(await storedAt('namespaces/default')).toMatch(/^\{/);
});

it('takes new keys without a restart; an update that changes nothing encrypts anew', async () => {
  write(secretbox, aescbc);
  await until('the reload', async () => (await reloads('success')) === 1);
  expect((await create('two')).code).toBe(201);
  expect(await storedAt('secrets/default/two')).toMatch(/^k8s:enc:secretbox:v1:second:/);

  const { body } = await server.rest('GET', `${secrets}/one`);
  const replaced = await server.rest('PUT', `${secrets}/one`, { body });
  expect(replaced.code).toBe(200);
  expect(replaced.body.metadata.resourceVersion).not.toBe(body.metadata.resourceVersion);
  expect(await storedAt('secrets/default/one')).toMatch(/^k8s:enc:secretbox:v1:second:/);
  // Now that it is no longer stale, the same update writes nothing.
  const again = await server.rest('PUT', `${secrets}/one`, { body: replaced.body });
  expect(again.body.metadata.resourceVersion).toBe(replaced.body.metadata.resourceVersion);
});

it('keeps working by the old keys when the new file is broken', async () => {
  replaceFile('kind: Nonsense');
  await until('the refusal', async () => (await reloads('failure')) === 1);
  expect((await create('three')).code).toBe(201);
  expect(await storedAt('secrets/default/three')).toMatch(/^k8s:enc:secretbox:/);
});

it('reads everything again after a restart, and continued lists from etcd', async () => {
  write({ aesgcm: { keys: [{ name: 'third', secret: secret(3) }] } }, secretbox);
  await server.restart();
  const { body } = await server.rest('GET', `${secrets}?limit=2`);
  const rest = await server.rest('GET', `${secrets}?limit=2&continue=${body.metadata.continue}`);
  const names = [...body.items, ...rest.body.items].map(({ metadata }: any) => metadata.name);
  expect(names).toEqual(['one', 'three', 'two']);
  const patch = await server.rest('PATCH', `${secrets}/one`, {
    body: {},
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  expect(patch.code).toBe(200);
  expect(await storedAt('secrets/default/one')).toMatch(/^k8s:enc:aesgcm:v1:third:/);
});
