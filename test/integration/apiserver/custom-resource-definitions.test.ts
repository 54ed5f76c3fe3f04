/** How definitions become known and are forgotten: by discovery and OpenAPI, on every API server; and hostile ones. */
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { until } from '../../support/until';
import { openWatch } from '../../support/watch-client';

let server: TestApiServer;
let second: TestApiServer;
const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const merge = { 'content-type': 'application/merge-patch+json' };
const soon = { everyMs: 10 };

beforeAll(async () => {
  server = await startTestApiServer();
  second = await startTestApiServer({ 'etcd-servers': server.etcd.endpoints.join() });
});
afterAll(async () => {
  await Promise.all([server?.stop(), second?.stop()]);
});

const crdOf = (plural: string, spec: object = {}, schema: object = { type: 'object' }) => ({
  metadata: { name: `${plural}.things.example.com` },
  spec: {
    group: 'things.example.com',
    scope: 'Cluster',
    names: { plural, singular: plural.slice(0, -1), kind: plural[0]!.toUpperCase() + plural.slice(1, -1) },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    ...spec,
  },
});
const define = async (plural: string, spec?: object, schema?: object): Promise<void> => {
  const { code, body } = await server.rest('POST', crds, { body: crdOf(plural, spec, schema) });
  expect([code, body.message]).toEqual([201, undefined]);
  await until(
    'it is established',
    async () => {
      const { body: crd } = await server.rest('GET', `${crds}/${plural}.things.example.com`);
      return crd.status?.conditions?.some((c: any) => c.type === 'Established' && c.status === 'True');
    },
    soon,
  );
};
const of = (plural: string, version = 'v1'): string => `/apis/things.example.com/${version}/${plural}`;

describe('a definition', () => {
  it('is served, discovered and described as soon as it is established, and then withdrawn', async () => {
    const index = async () => (await server.rest('GET', '/openapi/v3')).body.paths;
    const before = await index();
    await define(
      'apples',
      {},
      { type: 'object', properties: { spec: { type: 'object', properties: { kind: { type: 'string' } } } } },
    );
    expect((await server.rest('GET', of('apples'))).body).toMatchObject({ kind: 'AppleList', items: [] });
    const listed = await server.rest('GET', '/apis/things.example.com/v1');
    expect(listed.body.resources.map((r: any) => [r.name, r.kind, r.namespaced])).toEqual([['apples', 'Apple', false]]);
    expect((await server.rest('GET', '/apis')).body.groups.map((g: any) => g.name)).toContain('things.example.com');
    const aggregated = await server.rest('GET', '/apis', {
      headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' },
    });
    expect(aggregated.body.items.at(-1)).toMatchObject({ metadata: { name: 'things.example.com' } });
    const after = await index();
    expect(after['apis/apps/v1']).toEqual(before['apis/apps/v1']);
    const { serverRelativeURL } = after['apis/things.example.com/v1'];
    const { body: document } = await server.rest('GET', serverRelativeURL);
    const schema = document.components.schemas['com.example.things.v1.Apple'];
    expect(schema['x-kubernetes-group-version-kind']).toEqual([
      { group: 'things.example.com', kind: 'Apple', version: 'v1' },
    ]);
    expect(schema.properties.spec.properties.kind).toEqual({ type: 'string' });
    expect(document.paths[`${of('apples')}/{name}`].patch.requestBody.content).not.toHaveProperty([
      'application/strategic-merge-patch+json',
    ]);
    const { body: v2 } = await server.rest('GET', '/openapi/v2');
    expect(v2.definitions['com.example.things.v1.Apple'].properties.metadata.$ref).toContain('ObjectMeta');

    const watch = await openWatch(server, `${of('apples')}?watch=1`);
    await server.rest('DELETE', `${crds}/apples.things.example.com`);
    await until('it is gone', async () => (await server.rest('GET', of('apples'))).code === 404, soon);
    expect(await watch.next()).toBeUndefined();
    expect((await server.rest('GET', '/apis/things.example.com/v1')).code).toBe(404);
    expect(await index()).not.toHaveProperty(['apis/things.example.com/v1']);
  });

  it('is served by every API server as soon as it is by one', async () => {
    for (const plural of ['pears', 'plums', 'peaches']) {
      await define(plural);
      const { code } = await second.rest('POST', of(plural), { body: { metadata: { name: 'one' } } });
      expect(code).toBe(201);
      expect((await server.rest('GET', `${of(plural)}/one`)).code).toBe(200);
    }
    await second.rest('DELETE', `${crds}/plums.things.example.com`);
    for (const one of [server, second]) {
      await until('both have let it go', async () => (await one.rest('GET', of('plums'))).code === 404, soon);
    }
  });

  it('serves the versions that it says, and warns of deprecated ones', async () => {
    await define('cherries');
    await server.rest('POST', of('cherries'), { body: { metadata: { name: 'c' } } });
    const version = (name: string, rest: object): object => ({
      name,
      served: true,
      storage: false,
      schema: { openAPIV3Schema: { type: 'object' } },
      ...rest,
    });
    const versions = [
      version('v1', { deprecated: true, deprecationWarning: 'eat v2' }),
      version('v2', { storage: true }),
      version('v3alpha1', { served: false }),
    ];
    await server.rest('PATCH', `${crds}/cherries.things.example.com`, { body: { spec: { versions } }, headers: merge });
    const found = await until('v2 is served', async () => {
      const { code, body } = await server.rest('GET', `${of('cherries', 'v2')}/c`);
      return code === 200 && body;
    });
    expect(found.apiVersion).toBe('things.example.com/v2');
    expect((await server.rest('GET', `${of('cherries')}/c`)).headers.warning).toBe('299 - "eat v2"');
    expect((await server.rest('GET', of('cherries', 'v3alpha1'))).code).toBe(404);
    const { body } = await server.rest('GET', '/apis/things.example.com');
    expect(body.versions.map((v: any) => v.version)).toEqual(['v2', 'v1']);
  });

  it('cannot take the place, or the objects, of a built-in kind', async () => {
    const name = 'leases.coordination.k8s.io';
    const body = {
      ...crdOf('leases', { group: 'coordination.k8s.io', scope: 'Namespaced' }),
      metadata: { name, annotations: { 'api-approved.kubernetes.io': 'unapproved, a test' } },
    };
    const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
    await server.rest('POST', leases, { body: { metadata: { name: 'mine' }, spec: { holderIdentity: 'me' } } });
    expect((await server.rest('POST', crds, { body })).code).toBe(201);
    await server.rest('DELETE', `${crds}/${name}`);
    await until('the definition is gone', async () => (await server.rest('GET', `${crds}/${name}`)).code === 404);
    expect((await server.rest('GET', `${leases}/mine`)).body).toMatchObject({
      kind: 'Lease',
      spec: { holderIdentity: 'me' },
    });
  });
});

describe('a hostile definition', () => {
  const nested = (depth: number): object =>
    depth === 0 ? { type: 'string' } : { type: 'object', properties: { a: nested(depth - 1) } };

  it.each([
    ['names a field for the prototype', '{"type":"object","properties":{"__proto__":{"type":"object"}}}', 400],
    ['names a field for the constructor', '{"type":"object","properties":{"constructor":{"type":"object"}}}', 400],
    ['has a pattern that is none', '{"type":"object","properties":{"a":{"type":"string","pattern":"(["}}}', 422],
    [
      'has a pattern that explodes',
      '{"type":"object","properties":{"a":{"type":"string","pattern":"((a{1,1000}){1,1000}){1,1000}"}}}',
      422,
    ],
    [
      'has a rule that costs too much',
      '{"type":"object","properties":{"l":{"type":"array","maxItems":400,"items":{"type":"integer"}}},"x-kubernetes-validations":[{"rule":"self.l.all(a, self.l.all(b, self.l.exists(c, c > a + b)))"}]}',
      422,
    ],
    [
      'has a rule that names what is not there',
      '{"type":"object","x-kubernetes-validations":[{"rule":"self.nothing > 1"}]}',
      422,
    ],
  ])('that %s is refused', async (_what, schema, expected) => {
    const body = JSON.stringify(crdOf('hostiles')).replace('{"type":"object"}', schema);
    expect((await server.rest('POST', crds, { body })).code).toBe(expected);
    expect((await server.rest('GET', '/readyz')).code).toBe(200);
  });

  it.each([
    [
      'backtracks elsewhere',
      { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } },
      { a: `${'a'.repeat(50_000)}!` },
      422,
    ],
    ['is very deep', nested(60), JSON.parse(`${'{"a":'.repeat(60)}1${'}'.repeat(60)}`), 422],
    [
      'has a huge enum',
      {
        type: 'object',
        properties: { a: { type: 'string', enum: Array.from({ length: 20_000 }, (_, i) => `v${i}`) } },
      },
      { a: 'v19999' },
      201,
    ],
  ])('that %s does no harm', async (what, schema, object, expected) => {
    const plural = `${what.replace(/\W/g, '')}s`;
    const created = await server.rest('POST', crds, { body: crdOf(plural, {}, schema) });
    expect(created.code).toBe(201);
    await until('it is served', async () => (await server.rest('GET', of(plural))).code === 200, soon);
    const begun = process.cpuUsage();
    const { code } = await server.rest('POST', of(plural), { body: { metadata: { name: 'x' }, ...object } });
    expect([code, process.cpuUsage(begun).user < 10_000_000]).toEqual([expected, true]);
  });
});
