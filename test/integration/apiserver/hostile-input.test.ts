/**
 * Input that means harm: each is answered with the right Status, and the server is as it was. The long form
 * (`npm run test:hostile`) also mangles valid requests at random.
 */
// oxlint-disable jest/expect-expect, jest/no-conditional-expect -- `expectRefused` is what expects here
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { type RestAnswer, type RestRequest, startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { codesIn, sendRaw } from '../../support/raw-http';
import { until } from '../../support/until';

let server: TestApiServer;

const configMaps = '/api/v1/namespaces/default/configmaps';
const witness = { metadata: { name: 'witness', labels: { app: 'witness' } }, data: { key: 'value' } };
let stored: any;

beforeAll(async () => {
  server = await startTestApiServer();
  stored = (await server.rest('POST', configMaps, { body: witness })).body;
});

afterAll(async () => {
  await server?.stop();
});

afterEach(async () => {
  // oxlint-disable-next-line jest/no-standalone-expect -- what every test here must leave behind
  expect((await server.rest('GET', `${configMaps}/witness`)).body).toEqual(stored);
  // oxlint-disable-next-line jest/no-standalone-expect -- likewise
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

const refusal = ({ code, body, text }: RestAnswer): object =>
  body?.kind === 'Status' ? { code, reason: body.reason, message: body.message } : { code, text: text.slice(0, 200) };

async function expectRefused(
  method: string,
  path: string,
  request: RestRequest,
  expected: { code: number; reason?: string; message?: RegExp },
): Promise<void> {
  const answer = await server.rest(method, path, request);
  expect(refusal(answer)).toMatchObject({
    code: expected.code,
    ...(expected.reason && { reason: expected.reason }),
    ...(expected.message && { message: expect.stringMatching(expected.message) }),
  });
}

const jsonPatch = { 'content-type': 'application/json-patch+json' };
const mergePatch = { 'content-type': 'application/merge-patch+json' };
const strategicPatch = { 'content-type': 'application/strategic-merge-patch+json' };
const applyPatch = { 'content-type': 'application/apply-patch+yaml' };
const yaml = { 'content-type': 'application/yaml' };
const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const invalidOrBad = /./;

describe('bodies', () => {
  const big = 'x'.repeat(3 * 1024 * 1024 + 1);
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x,x]',
    ...['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name, index) => {
      const of = `*${String.fromCharCode('a'.charCodeAt(0) + index)}`;
      return `${name}: &${name} [${Array<string>(10).fill(of).join(',')}]`;
    }),
  ].join('\n');

  it.each<[string, string, Record<string, string>, string, number, RegExp]>([
    ['over 3 MiB', 'POST', {}, big, 413, /limit is 3145728/],
    ['over 3 MiB in a patch', 'PATCH', mergePatch, big, 413, /limit is 3145728/],
    ['nested 100,000 deep', 'POST', {}, `{"metadata":${nested(100_000)}}`, 400, /exceeded max depth/],
    ['nested 100,000 deep in a merge patch', 'PATCH', mergePatch, nested(100_000), 400, /exceeded max depth/],
    ['nested 100,000 deep in a strategic patch', 'PATCH', strategicPatch, nested(100_000), 400, /exceeded max depth/],
    ['nested 100,000 deep in an apply', 'PATCH', applyPatch, nested(100_000), 400, invalidOrBad],
    ['arrays 100,000 deep in YAML', 'POST', yaml, `a: ${'['.repeat(100_000)}${']'.repeat(100_000)}`, 400, invalidOrBad],
    ['maps 20,000 deep in YAML', 'POST', yaml, `${'? '.repeat(20_000)}a`, 400, invalidOrBad],
    ['a YAML alias bomb', 'POST', yaml, bomb, 400, /alias/i],
    ['a YAML alias bomb in an apply', 'PATCH', applyPatch, bomb, 400, invalidOrBad],
    ['a YAML merge key bomb', 'POST', yaml, `a: &a {b: 1}\nc: {${'<<: *a, '.repeat(1000)}}`, 400, invalidOrBad],
    ['a YAML tag', 'POST', yaml, 'a: !!js/function "function () {}"', 422, invalidOrBad],
    ['several YAML documents', 'POST', yaml, 'metadata: {name: a}\n---\nmetadata: {name: b}', 400, invalidOrBad],
    ['numbers out of range', 'POST', {}, '{"metadata":{"generation":1e999}}', 400, invalidOrBad],
  ])('%s', async (_what, method, headers, body, code, message) => {
    const path = method === 'PATCH' ? `${configMaps}/witness?fieldManager=test` : configMaps;
    await expectRefused(method, path, { body, headers }, { code, message });
  });
});

describe('patches', () => {
  const copies = (count: number): object[] => [
    { op: 'add', path: '/data/a', value: 'x'.repeat(1024) },
    ...Array.from({ length: count }, (_, n) => ({ op: 'copy', from: '/data', path: `/data/b${n}` })),
  ];
  it.each<[string, Record<string, string>, unknown, number, RegExp]>([
    ['a copy chain', jsonPatch, copies(40), 422, invalidOrBad],
    [
      'too many operations',
      jsonPatch,
      Array(10_001).fill({ op: 'test', path: '/kind', value: 'ConfigMap' }),
      413,
      /10000/,
    ],
    [
      'an index out of range',
      jsonPatch,
      [{ op: 'remove', path: '/metadata/finalizers/4294967295' }],
      422,
      invalidOrBad,
    ],
    ['a pointer into a string', jsonPatch, [{ op: 'add', path: '/kind/length', value: 1 }], 422, invalidOrBad],
    ['a test that fails', jsonPatch, [{ op: 'test', path: '/kind', value: 'Secret' }], 422, invalidOrBad],
    ['the whole document removed', jsonPatch, [{ op: 'remove', path: '' }], 400, invalidOrBad],
    ['an unknown directive', strategicPatch, { data: { $patch: 'explode' } }, 422, invalidOrBad],
    ['another kind', mergePatch, { kind: 'Secret' }, 400, invalidOrBad],
    ['a list', mergePatch, [1], 400, /cannot unmarshal array/],
  ])('%s', async (_what, headers, body, code, message) => {
    await expectRefused('PATCH', `${configMaps}/witness`, { body, headers }, { code, message });
  });
});

describe('keys of prototypes', () => {
  const polluting =
    '{"metadata":{"name":"p","labels":{"__proto__":"x"}},"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
  it.each([
    ['create', 'POST', configMaps, {}, polluting],
    ['update', 'PUT', `${configMaps}/witness`, {}, polluting],
    ['merge patch', 'PATCH', `${configMaps}/witness`, mergePatch, '{"__proto__":{"polluted":1}}'],
    ['merge patch, deeper', 'PATCH', `${configMaps}/witness`, mergePatch, '{"data":{"__proto__":{"polluted":"1"}}}'],
    ['strategic patch', 'PATCH', `${configMaps}/witness`, strategicPatch, '{"metadata":{"__proto__":{"polluted":1}}}'],
    ['apply', 'PATCH', `${configMaps}/witness?fieldManager=t`, applyPatch, '{"__proto__":{"polluted":1}}'],
    [
      'JSON patch',
      'PATCH',
      `${configMaps}/witness`,
      jsonPatch,
      '[{"op":"add","path":"/__proto__/polluted","value":1}]',
    ],
    [
      'JSON patch by the constructor',
      'PATCH',
      `${configMaps}/witness`,
      jsonPatch,
      '[{"op":"add","path":"/constructor/prototype/polluted","value":1}]',
    ],
    ['YAML', 'POST', configMaps, yaml, 'metadata: {name: p}\n__proto__: {polluted: 1}'],
    [
      'the schema of a custom resource',
      'POST',
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      {},
      '{"metadata":{"name":"a.b.c"},"spec":{"versions":[{"schema":{"openAPIV3Schema":{"properties":{"__proto__":{"type":"object"}}}}}]}}',
    ],
  ])('%s', async (_what, method, path, headers, body) => {
    const { code } = await server.rest(method, path, { body, headers });
    expect([400, 422]).toContain(code);
  });

  it('are data like any other where data may have any key', async () => {
    const labels = { constructor: 'x', toString: 'y', hasOwnProperty: 'z' };
    const body = { metadata: { name: 'odd-keys', labels }, data: { constructor: 'a', valueOf: 'b' } };
    const created = await server.rest('POST', configMaps, { body });
    expect(created.code).toBe(201);
    const selected = await server.rest('GET', `${configMaps}?labelSelector=constructor%3Dx,toString,!valueOf`);
    expect(selected.body.items).toHaveLength(1);
    const none = await server.rest('GET', `${configMaps}?labelSelector=app%3Dwitness,constructor`);
    expect(none.body.items).toEqual([]);
    const path = `${configMaps}/odd-keys`;
    const patched = await server.rest('PATCH', path, {
      body: { data: { toString: 'c', valueOf: null } },
      headers: mergePatch,
    });
    expect(patched.body.data).toEqual({ constructor: 'a', toString: 'c' });
    await server.rest('DELETE', path);
  });
});

describe('paths', () => {
  it.each([
    ['an encoded slash', 'GET', `${configMaps}/a%2fwitness`],
    ['an encoded slash to another namespace', 'GET', '/api/v1/namespaces/default%2fconfigmaps/configmaps/witness'],
    ['an encoded NUL', 'GET', `${configMaps}/witness%00`],
    ['a bad escape', 'GET', `${configMaps}/%zz`],
    ['a very long name', 'GET', `${configMaps}/${'a'.repeat(5000)}`],
    ['a cluster-scoped kind in a namespace', 'GET', '/api/v1/namespaces/default/nodes'],
    [
      'a cluster-scoped object in a namespace',
      'GET',
      '/apis/rbac.authorization.k8s.io/v1/namespaces/default/clusterroles/admin',
    ],
    ['a namespaced object without its namespace', 'GET', '/api/v1/configmaps/witness'],
  ])('%s finds nothing', async (_what, method, path) => {
    const { code, body } = await server.rest(method, path);
    expect([400, 404, 405]).toContain(code);
    expect(body.kind).toBe('Status');
  });

  it.each(['..', '%2e%2e', '../secrets/witness', '..%2f..%2fother', './witness', 'witness/../..'])(
    '%s leads nowhere',
    async (name) => {
      const request = `GET ${configMaps}/${name} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
      const text = await sendRaw({ port: server.port, ca: server.ca, identity: server.admin }, [request]);
      expect(codesIn(text)).toHaveLength(1);
      expect(codesIn(text)[0]).toBeGreaterThanOrEqual(400);
    },
  );

  it('creates nothing under a name that is a path', async () => {
    for (const name of ['..', '.', 'a/b', '../secrets/x', 'a%2fb', 'a\u0000b', '']) {
      await expectRefused('POST', configMaps, { body: { metadata: { name } } }, { code: 422, reason: 'Invalid' });
    }
    const pods = { metadata: { name: 'a', namespace: '../x' } };
    await expectRefused('POST', '/api/v1/namespaces/..%2fx/configmaps', { body: pods }, { code: 404 });
  });

  it('does not take the prefix of a name for the name', async () => {
    const widget = (plural: string, kind: string) => ({
      metadata: { name: `${plural}.hostile.example.com` },
      spec: {
        group: 'hostile.example.com',
        scope: 'Namespaced',
        names: { plural, singular: kind.toLowerCase(), kind },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    });
    for (const [plural, kind] of [
      ['foos', 'Foo'],
      ['foosbars', 'FoosBar'],
    ] as const) {
      const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
      expect((await server.rest('POST', crds, { body: widget(plural, kind) })).code).toBe(201);
    }
    const foos = '/apis/hostile.example.com/v1/namespaces/default/foos';
    const create = (path: string, kind: string) =>
      server.rest('POST', path, { body: { apiVersion: 'hostile.example.com/v1', kind, metadata: { name: 'x' } } });
    await until('both are served', async () => (await server.rest('GET', foos)).code === 200);
    await until('both are served', async () => (await create(`${foos}bars`, 'FoosBar')).code === 201);
    expect((await server.rest('GET', foos)).body.items).toEqual([]);
    expect((await server.rest('DELETE', foos)).code).toBe(200);
    expect((await server.rest('GET', `${foos}bars`)).body.items).toHaveLength(1);
    // Namespaces likewise.
    await server.rest('POST', '/api/v1/namespaces', { body: { metadata: { name: 'def' } } });
    expect((await server.rest('DELETE', '/api/v1/namespaces/def/configmaps')).code).toBe(200);
  });
});

describe('framing', () => {
  const host = 'Host: localhost';
  const target = () => ({ port: server.port, ca: server.ca, identity: server.admin });
  const inner = `DELETE ${configMaps}/witness HTTP/1.1\r\n${host}\r\n\r\n`;

  it.each<[string, string]>([
    [
      'a length and chunks',
      `POST ${configMaps} HTTP/1.1\r\n${host}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
    ],
    [
      'two lengths',
      `POST ${configMaps} HTTP/1.1\r\n${host}\r\nContent-Length: 0\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
    ],
    [
      'chunks named twice',
      `POST ${configMaps} HTTP/1.1\r\n${host}\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${inner}`,
    ],
    ['a bare CR in a header', `GET ${configMaps} HTTP/1.1\r\n${host}\r\nX-A: b\rTransfer-Encoding: chunked\r\n\r\n`],
    ['a bare LF', `GET ${configMaps} HTTP/1.1\n${host}\nX-A: b\n\n`],
    ['a space before the colon', `GET ${configMaps} HTTP/1.1\r\n${host}\r\nContent-Length : 5\r\n\r\nabcde`],
    ['a folded header', `GET ${configMaps} HTTP/1.1\r\n${host}\r\nX-A: b\r\n\tc\r\nX: y\r\n\r\n`],
    ['a negative length', `POST ${configMaps} HTTP/1.1\r\n${host}\r\nContent-Length: -1\r\n\r\n`],
    ['a chunk of a bad size', `POST ${configMaps} HTTP/1.1\r\n${host}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`],
    ['NUL in the path', `GET ${configMaps}/a\0b HTTP/1.1\r\n${host}\r\n\r\n`],
    ['a header of 1 MiB', `GET ${configMaps} HTTP/1.1\r\n${host}\r\nX-A: ${'a'.repeat(1024 * 1024)}\r\n\r\n`],
    ['ten thousand headers', `GET ${configMaps} HTTP/1.1\r\n${host}\r\n${'X-A: b\r\n'.repeat(10_000)}\r\n`],
    ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['no HTTP at all', '\x16\x03\x01\x00\x00'],
  ])('%s is refused, and nothing behind it is carried out', async (_what, bytes) => {
    const codes = codesIn(await sendRaw(target(), [bytes]));
    expect(codes.filter((code) => code < 400)).toEqual([]);
  });

  it('answers an absolute target and an empty path without harm', async () => {
    for (const path of ['http://example.com/api/v1/pods', '*', '//api/v1/pods', '/api/v1//namespaces///default']) {
      const text = await sendRaw(target(), [`GET ${path} HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`]);
      expect(codesIn(text)).toHaveLength(1);
    }
  });
});

describe('credentials', () => {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const tokenOf = async (): Promise<string> => {
    const accounts = '/api/v1/namespaces/default/serviceaccounts';
    await server.rest('POST', accounts, { body: { metadata: { name: 'default' } } });
    const answer = await server.rest('POST', `${accounts}/default/token`, { body: { spec: {} } });
    return answer.body.status.token as string;
  };
  const whoAmI = (headers: Record<string, string>) =>
    server.rest('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { identity: null, headers, body: {} });

  it('that are forged are nobody', async () => {
    const token = await tokenOf();
    expect((await whoAmI({ authorization: `Bearer ${token}` })).code).toBe(201);
    const [header = '', payload = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const { keys } = (await server.rest('GET', '/openid/v1/jwks')).body;
    const hmac = (input: string, key: string): string => createHmac('sha256', key).update(input).digest('base64url');
    const hs256 = `${encode({ alg: 'HS256', typ: 'JWT' })}.${payload}`;
    const forged = [
      `${encode({ alg: 'none' })}.${payload}.`,
      `${encode({ alg: 'None' })}.${payload}.${signature}`,
      `${hs256}.${hmac(hs256, JSON.stringify(keys[0]))}`,
      `${header}.${encode({ ...claims, sub: 'system:serviceaccount:kube-system:default' })}.${signature}`,
      `${header}.${encode({ ...claims, exp: 4_000_000_000 })}.${signature}`,
      `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
      `${header}.${payload}.`,
      `${header}.${payload}.${signature}x`,
      `${token}.${token}`,
      'a'.repeat(10_000),
      `${encode({ alg: 'ES256', jwk: keys[0], jku: 'https://192.0.2.1/keys' })}.${payload}.${signature}`,
    ];
    for (const text of forged) {
      expect([text.slice(0, 40), (await whoAmI({ authorization: `Bearer ${text}` })).code]).toEqual([
        text.slice(0, 40),
        401,
      ]);
    }
  });

  it('in headers of front proxies mean nothing from anybody else', async () => {
    const headers = { 'x-remote-user': 'root', 'x-remote-group': 'system:masters' };
    expect((await whoAmI(headers)).code).toBe(401);
    const jane = await server.identity('jane');
    const review = { identity: jane, headers, body: {} };
    const { body } = await server.rest('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', review);
    expect(body.status.userInfo.username).toBe('jane');
    expect((await server.rest('GET', '/api/v1/nodes', { identity: jane, headers })).code).toBe(403);
    const impersonating = {
      identity: jane,
      headers: { 'impersonate-user': 'kubernetes-admin', 'impersonate-group': 'system:masters' },
    };
    expect((await server.rest('GET', '/api/v1/nodes', impersonating)).code).toBe(403);
  });
});

describe('proxies', () => {
  it('do not lead to the host of the API server', async () => {
    let reached = 0;
    const inside = createServer((_request, response) => {
      reached += 1;
      response.end('secret');
    });
    inside.listen(0, '0.0.0.0');
    await once(inside, 'listening');
    const { port } = inside.address() as AddressInfo;
    const pods = '/api/v1/namespaces/default/pods';
    const container = { name: 'c', image: 'i' };
    await server.rest('POST', '/api/v1/namespaces/default/serviceaccounts', {
      body: { metadata: { name: 'default' } },
    });
    for (const [index, podIP] of [
      '127.0.0.1',
      '127.1.2.3',
      '169.254.169.254',
      '0.0.0.0',
      '::1',
      '::ffff:127.0.0.1',
    ].entries()) {
      const name = `evil-${index}`;
      await server.rest('POST', pods, { body: { metadata: { name }, spec: { containers: [container] } } });
      const status = { podIP, podIPs: [{ ip: podIP }], phase: 'Running' };
      await server.rest('PATCH', `${pods}/${name}/status`, { body: { status }, headers: mergePatch });
      const { code } = await server.rest('GET', `${pods}/${name}:${port}/proxy/`);
      expect([podIP, code >= 400]).toEqual([podIP, true]);
      await server.rest('DELETE', `${pods}/${name}?gracePeriodSeconds=0`);
    }
    const nodes = '/api/v1/nodes';
    await server.rest('POST', nodes, { body: { metadata: { name: 'evil' } } });
    const addresses = [{ type: 'InternalIP', address: '127.0.0.1' }];
    const kubeletEndpoint = { Port: port };
    const status = { addresses, daemonEndpoints: { kubeletEndpoint } };
    await server.rest('PATCH', `${nodes}/evil/status`, { body: { status }, headers: mergePatch });
    expect((await server.rest('GET', `${nodes}/evil/proxy/`)).code).toBeGreaterThanOrEqual(400);
    const slice = {
      metadata: { name: 'evil', labels: { 'kubernetes.io/service-name': 'evil' } },
      addressType: 'IPv4',
      ports: [{ port }],
      endpoints: [{ addresses: ['127.0.0.1'] }],
    };
    await expectRefused(
      'POST',
      '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
      { body: slice },
      { code: 422, message: /may not be in the loopback range/ },
    );
    expect(reached).toBe(0);
    inside.close();
  });
});

describe('selectors', () => {
  it.each([
    ['a long one', `a in (${'x,'.repeat(200_000)}x)`],
    ['an operator without end', 'a'.repeat(1000)],
    ['brackets', '(((((((('],
    ['quotes', `a='"`],
    ['a NUL', 'a=\0'],
  ])('%s is answered', async (_what, selector) => {
    const { code } = await server.rest('GET', `${configMaps}?labelSelector=${encodeURIComponent(selector)}`);
    expect([200, 400, 414, 431]).toContain(code);
  });
});

describe('valid requests, mangled at random', () => {
  it('never fail the server', async () => {
    const valid = JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'm', labels: { a: 'b' } },
      data: { k: 'v' },
    });
    const types = [
      'application/json',
      'application/yaml',
      ...[jsonPatch, mergePatch, strategicPatch, applyPatch].map((one) => one['content-type']),
    ];
    const mangled = fc.record({
      at: fc.nat(valid.length),
      remove: fc.nat(6),
      insert: fc.oneof(
        fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', '\0', '&a ', '*a', '- ', '1e9', 'null', '\u2028'),
        fc.string(),
      ),
      type: fc.constantFrom(...types),
      method: fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE'),
    });
    await fc.assert(
      fc.asyncProperty(mangled, async ({ at, remove, insert, type, method }) => {
        const body = valid.slice(0, at) + insert + valid.slice(at + remove);
        const path = method === 'POST' ? configMaps : `${configMaps}/m`;
        const answer = await server.rest(method, `${path}?fieldManager=fuzz`, {
          body,
          headers: { 'content-type': type },
        });
        // What does not fit the schema of an apply upstream answers with 500, too.
        const known = /^failed to create typed patch object/.test(answer.body?.message ?? '');
        expect(known ? 0 : answer.code).toBeLessThan(500);
      }),
      { numRuns: Math.max(300, fc.readConfigureGlobal().numRuns ?? 0) },
    );
    await server.rest('DELETE', `${configMaps}/m`);
  }, 600_000);
});
