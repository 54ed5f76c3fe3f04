/** Another API server behind an APIService: a real one on this host, reached as a pod would be. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { ensureAuthority, ensureLeaf } from '../../../deploy/pki';
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { until } from '../../support/until';
import { startWebhookServer, type WebhookServer } from '../../support/webhook-server';

const path = '/apis/wardle.example.com/v1';
const flunders = `${path}/namespaces/default/flunders`;
const apiService = '/apis/apiregistration.k8s.io/v1/apiservices';
/** Endpoints may not be on loopback. */
const address =
  Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '';

let server: TestApiServer;
let extension: WebhookServer;
let folder = '';
/** What the extension server was told of the last caller of `flunders`. */
let seen: { headers: Record<string, unknown>; proxy: string } | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubelab-front-proxy-'));
  const frontProxies = await ensureAuthority(folder, 'front-proxy-ca', 'front-proxy-ca');
  const client = await ensureLeaf(frontProxies, folder, 'front-proxy-client', {
    commonName: 'front-proxy-client',
    usages: ['client'],
  });
  server = await startTestApiServer({
    'proxy-client-cert-file': client.cert,
    'proxy-client-key-file': client.key,
    'requestheader-client-ca-file': frontProxies.files.cert,
    'requestheader-allowed-names': 'front-proxy-client',
  });
  extension = await startWebhookServer(['wardle.kube-public.svc'], '0.0.0.0', frontProxies.pem);
  extension.handle = ({ path: url }, response, request) => {
    const resource = { name: 'flunders', singularName: 'flunder', namespaced: true, kind: 'Flunder', verbs: ['get'] };
    const documents: Record<string, object> = {
      [path]: {
        kind: 'APIResourceList',
        apiVersion: 'v1',
        groupVersion: 'wardle.example.com/v1',
        resources: [resource],
      },
      '/openapi/v3/apis/wardle.example.com/v1': {
        openapi: '3.0.0',
        info: { title: 'wardle', version: '1' },
        paths: {},
      },
    };
    if (documents[url]) return documents[url];
    if (url.startsWith(`${path}/redirect`)) {
      response.writeHead(302, { location: 'https://192.0.2.9/elsewhere' }).end();
      return undefined;
    }
    if (url.startsWith(flunders)) {
      const socket = request.socket as TLSSocket;
      seen = {
        headers: request.headersDistinct,
        proxy: socket.authorized ? String(socket.getPeerCertificate().subject.CN) : '',
      };
      return { kind: 'FlunderList', apiVersion: 'wardle.example.com/v1', metadata: {}, items: [], url };
    }
    response.writeHead(404).end('{}');
    return undefined;
  };
});

afterAll(async () => {
  await extension?.stop();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const available = async (): Promise<Record<string, string> | undefined> =>
  (await server.rest('GET', `${apiService}/v1.wardle.example.com`)).body.status?.conditions?.find(
    ({ type }: { type: string }) => type === 'Available',
  );
const becomes = (reason: string): Promise<unknown> =>
  until(`the condition says ${reason}`, async () => (await available())?.reason === reason);

it('lists what it serves itself, and what custom resources bring', async () => {
  const table = (await server.kubectl(['get', 'apiservices'])).stdout;
  expect(table).toMatch(/^v1\. +Local +True /m);
  expect(table).toMatch(/^v1\.apps +Local +True /m);
  const crd = {
    metadata: { name: 'shirts.stable.example.com' },
    spec: {
      group: 'stable.example.com',
      scope: 'Namespaced',
      names: { plural: 'shirts', singular: 'shirt', kind: 'Shirt' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  };
  await server.rest('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { body: crd });
  const own = `${apiService}/v1.stable.example.com`;
  await until('the APIService of the custom resource', async () => (await server.rest('GET', own)).code === 200);
  await server.rest('DELETE', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/shirts.stable.example.com');
  await until('it is gone', async () => (await server.rest('GET', own)).code === 404);
});

it('puts back what somebody takes away or changes of its own', async () => {
  const own = `${apiService}/v1.apps`;
  const { body: before } = await server.rest('GET', own);
  await server.rest('DELETE', own);
  const again = await until('it is back', async () => {
    const { code, body } = await server.rest('GET', own);
    return code === 200 && body.metadata.uid !== before.metadata.uid && body;
  });
  expect(again.spec).toEqual(before.spec);
  await server.rest('PATCH', own, {
    body: { spec: { versionPriority: 1 } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  await until(
    'it is mended',
    async () => (await server.rest('GET', own)).body.spec.versionPriority === before.spec.versionPriority,
  );
});

it('says step by step what keeps another server from being available, then passes requests on', async () => {
  const spec = {
    group: 'wardle.example.com',
    version: 'v1',
    groupPriorityMinimum: 1000,
    versionPriority: 15,
    service: { namespace: 'kube-public', name: 'wardle', port: 443 },
    caBundle: extension.caBundle,
  };
  const created = await server.rest('POST', apiService, {
    body: { metadata: { name: 'v1.wardle.example.com' }, spec },
  });
  expect(created.code).toBe(201);
  await becomes('ServiceNotFound');
  expect(await server.rest('GET', flunders)).toMatchObject({ code: 503, body: { reason: 'ServiceUnavailable' } });

  const services = '/api/v1/namespaces/kube-public/services';
  await server.rest('POST', services, { body: { metadata: { name: 'wardle' }, spec: { ports: [{ port: 443 }] } } });
  await becomes('EndpointsNotFound');
  await server.rest('POST', '/apis/discovery.k8s.io/v1/namespaces/kube-public/endpointslices', {
    body: {
      metadata: { name: 'wardle', labels: { 'kubernetes.io/service-name': 'wardle' } },
      addressType: 'IPv4',
      ports: [{ port: extension.port }],
      endpoints: [{ addresses: [address] }],
    },
  });
  await becomes('Passed');
  expect(await available()).toMatchObject({ status: 'True', message: 'all checks passed' });

  const { code, body, headers } = await server.rest('GET', `${flunders}?limit=5`, {
    identity: await server.identity('jane', ['system:masters']),
    headers: { 'x-remote-user': 'root', 'x-remote-extra-scopes': 'all', authorization: 'Basic eDp5' },
  });
  expect([code, body.url]).toEqual([200, `${flunders}?limit=5`]);
  expect(seen?.proxy).toBe('front-proxy-client');
  expect(seen?.headers).toMatchObject({
    'x-remote-user': ['jane'],
    'x-remote-group': ['system:masters', 'system:authenticated'],
  });
  // The other server's audit log tells of the same request.
  expect(seen?.headers['audit-id']).toEqual([headers['audit-id']]);
  expect(headers).toMatchObject({
    'audit-id': expect.stringMatching(/./),
    'cache-control': 'no-cache, private',
    'x-kubernetes-pf-flowschema-uid': expect.stringMatching(/./),
  });
  expect(seen?.headers).not.toHaveProperty('x-remote-extra-scopes');
  expect(seen?.headers).not.toHaveProperty('authorization');
});

it('asks who may before it passes anything on, and follows no redirects', async () => {
  seen = undefined;
  const refused = await server.rest('GET', flunders, { identity: await server.identity('nobody') });
  expect(refused).toMatchObject({ code: 403, body: { reason: 'Forbidden' } });
  expect(seen).toBeUndefined();
  const moved = await server.rest('GET', `${path}/redirect`);
  expect([moved.code, moved.headers.location]).toEqual([302, 'https://192.0.2.9/elsewhere']);
});

it('has the other server in its discovery and its OpenAPI', async () => {
  await until('discovery', async () => (await server.rest('GET', '/apis/wardle.example.com')).code === 200);
  expect((await server.rest('GET', path)).body.resources).toHaveLength(1);
  expect((await server.kubectl(['api-resources', '--api-group=wardle.example.com'])).stdout).toMatch(
    /^flunders +wardle.example.com\/v1 +true +Flunder$/m,
  );
  await until('OpenAPI', async () => {
    const { paths } = (await server.rest('GET', '/openapi/v3')).body;
    return paths['apis/wardle.example.com/v1'] !== undefined;
  });
  expect((await server.rest('GET', '/openapi/v3/apis/wardle.example.com/v1')).body.info.title).toBe('wardle');
});

it('believes the headers of a front proxy, and of nobody else', async () => {
  const review = { body: {}, headers: { 'x-remote-user': 'jane', 'x-remote-group': 'staff' } };
  const reviews = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const frontProxy = {
    cert: readFileSync(join(folder, 'front-proxy-client.crt'), 'utf8'),
    key: readFileSync(join(folder, 'front-proxy-client.key'), 'utf8'),
  };
  const believed = await server.rest('POST', reviews, { ...review, identity: frontProxy });
  expect(believed.body.status.userInfo).toEqual({ username: 'jane', groups: ['staff', 'system:authenticated'] });
  const other = await server.rest('POST', reviews, { ...review, identity: await server.identity('mallory') });
  expect(other.body.status.userInfo.username).toBe('mallory');
  // Its certificate alone is nobody's here.
  expect((await server.rest('POST', reviews, { body: {}, identity: frontProxy })).code).toBe(401);
});

it('leaves conditions of others alone, and looks again when its own was overwritten', async () => {
  const custom = { type: 'Custom', status: 'True', reason: 'Test', lastTransitionTime: '2026-01-01T00:00:00Z' };
  const patched = await server.rest('PATCH', `${apiService}/v1.wardle.example.com/status`, {
    body: { status: { conditions: [custom] } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  expect(patched.body.status.conditions).toEqual([custom]);
  await becomes('Passed');
  const { body } = await server.rest('GET', `${apiService}/v1.wardle.example.com`);
  expect(body.status.conditions).toContainEqual(custom);
});

it('notices that the other server is gone', async () => {
  await server.rest('DELETE', '/apis/discovery.k8s.io/v1/namespaces/kube-public/endpointslices/wardle');
  await becomes('EndpointsNotFound');
  expect((await server.rest('GET', flunders)).code).toBe(503);
  await server.rest('DELETE', `${apiService}/v1.wardle.example.com`);
  await until('discovery without it', async () => (await server.rest('GET', '/apis/wardle.example.com')).code === 404);
});
