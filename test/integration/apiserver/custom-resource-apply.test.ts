/** Server-side apply of custom resources: by the list and map types of their schemas, and without any. */
import { type RestAnswer, startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { until } from '../../support/until';

let server: TestApiServer;
const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const text = { type: 'string' };
const spec = {
  type: 'object',
  properties: {
    ports: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      items: {
        type: 'object',
        required: ['port'],
        properties: { port: { type: 'integer' }, protocol: { ...text, default: 'TCP' }, note: text },
      },
    },
    hosts: { type: 'array', 'x-kubernetes-list-type': 'set', items: text },
    args: { type: 'array', items: text },
    selector: { type: 'object', 'x-kubernetes-map-type': 'atomic', additionalProperties: text },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    replicas: { type: 'integer' },
  },
};
const root = { type: 'object', properties: { spec, status: { type: 'object', properties: { phase: text } } } };

async function define(plural: string, kind: string, versions: object[]): Promise<void> {
  const name = `${plural}.apply.example.com`;
  const names = { plural, singular: kind.toLowerCase(), kind };
  const body = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: { group: 'apply.example.com', scope: 'Namespaced', names, versions },
  };
  expect((await server.rest('POST', crds, { body })).code).toBe(201);
  await until('it is served', async () => {
    const served = await server.rest('GET', `${crds}/${name}`);
    return served.body.status?.conditions?.some((c: any) => c.type === 'Established' && c.status === 'True');
  });
}

beforeAll(async () => {
  server = await startTestApiServer();
  const version = { served: true, storage: true, schema: { openAPIV3Schema: root } };
  const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
  await define('gates', 'Gate', [
    { ...version, name: 'v1', subresources: { status: {}, scale } },
    { ...version, name: 'v2', storage: false, subresources: { status: {} } },
  ]);
  const free = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  await define('notes', 'Note', [{ ...version, name: 'v1', schema: { openAPIV3Schema: free } }]);
});

afterAll(async () => {
  await server?.stop();
});

const path = (plural: string, name: string, version = 'v1'): string =>
  `/apis/apply.example.com/${version}/namespaces/default/${plural}/${name}`;

const apply = (where: string, config: object, manager: string, query = ''): Promise<RestAnswer> =>
  server.rest('PATCH', `${where}?fieldManager=${manager}${query}`, {
    body: config,
    headers: { 'content-type': 'application/apply-patch+yaml' },
  });

const gate = (name: string, fields: object, version = 'v1'): object => ({
  apiVersion: `apply.example.com/${version}`,
  kind: 'Gate',
  metadata: { name },
  ...fields,
});

const owned = ({ body }: RestAnswer, manager: string): unknown =>
  body.metadata.managedFields.find((entry: any) => entry.manager === manager)?.fieldsV1;

it('merges by the schema: keyed lists with defaults, sets, atomic lists and maps', async () => {
  const where = path('gates', 'merged');
  const first = { ports: [{ port: 1 }], hosts: ['a'], args: ['x'], selector: { a: '1' } };
  expect((await apply(where, gate('merged', { spec: first }), 'one')).code).toBe(201);
  const second = { ports: [{ port: 1, protocol: 'UDP' }], hosts: ['b'], free: { deep: { x: [1] } } };
  const merged = await apply(where, gate('merged', { spec: second }), 'two');
  expect(merged.body.spec).toEqual({
    ports: [
      { port: 1, protocol: 'TCP' },
      { port: 1, protocol: 'UDP' },
    ],
    hosts: ['a', 'b'],
    args: ['x'],
    selector: { a: '1' },
    free: { deep: { x: [1] } },
  });
  expect(owned(merged, 'two')).toEqual({
    'f:spec': {
      'f:ports': { 'k:{"port":1,"protocol":"UDP"}': { '.': {}, 'f:port': {}, 'f:protocol': {} } },
      'f:hosts': { 'v:"b"': {} },
      'f:free': { 'f:deep': { '.': {}, 'f:x': {} } },
    },
  });
  const refused = await apply(where, gate('merged', { spec: { args: ['y'], selector: { b: '1' } } }), 'three');
  expect(refused.body.message).toBe(
    'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.args\n- .spec.selector',
  );
  const less = await apply(where, gate('merged', { spec: { hosts: ['b'] } }), 'two');
  expect(less.body.spec).toMatchObject({ ports: [{ port: 1, protocol: 'TCP' }], hosts: ['a', 'b'] });
  expect(less.body.spec.free).toBeUndefined();
});

it('refuses what the schema does not have', async () => {
  const refused = await apply(path('gates', 'unknown'), gate('unknown', { spec: { sizes: 1 } }), 'one');
  expect(refused.body).toMatchObject({
    code: 500,
    message:
      'failed to create typed patch object (/unknown; apply.example.com/v1, Kind=Gate): .spec.sizes: field not declared in schema',
  });
});

it('merges what has no schema as it finds it', async () => {
  const note = (fields: object): object => ({
    apiVersion: 'apply.example.com/v1',
    kind: 'Note',
    metadata: { name: 'free' },
    ...fields,
  });
  const where = path('notes', 'free');
  await apply(where, note({ a: { b: 1 }, list: [1] }), 'one');
  const merged = await apply(where, note({ a: { c: 2 } }), 'two');
  expect(merged.body).toMatchObject({ a: { b: 1, c: 2 }, list: [1] });
  const refused = await apply(where, note({ list: [2] }), 'two');
  expect(refused.body.message).toBe('Apply failed with 1 conflict: conflict with "one": .list');
});

it('keeps who has what across versions, status and scale', async () => {
  const where = path('gates', 'versions');
  await apply(where, gate('versions', { spec: { replicas: 1, args: ['x'] } }), 'one');
  const refused = await apply(
    path('gates', 'versions', 'v2'),
    gate('versions', { spec: { args: ['y'] } }, 'v2'),
    'two',
  );
  expect(refused.body.message).toBe('Apply failed with 1 conflict: conflict with "one": .spec.args');
  const forced = await apply(
    path('gates', 'versions', 'v2'),
    gate('versions', { spec: { args: ['y'] } }, 'v2'),
    'two',
    '&force=true',
  );
  expect(forced.body.metadata.managedFields).toMatchObject([
    { manager: 'one', apiVersion: 'apply.example.com/v1', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
    { manager: 'two', apiVersion: 'apply.example.com/v2', fieldsV1: { 'f:spec': { 'f:args': {} } } },
  ]);
  const status = await apply(
    `${where}/status`,
    gate('versions', { metadata: { name: 'versions', labels: { a: 'b' } }, status: { phase: 'Up' } }),
    'three',
  );
  expect(status.body.status).toEqual({ phase: 'Up' });
  expect(status.body.metadata.labels).toBeUndefined();
  expect(owned(status, 'three')).toEqual({ 'f:status': { 'f:phase': {} } });
  const scaled = await server.rest('PATCH', `${where}/scale?fieldManager=four`, {
    body: { spec: { replicas: 7 } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  expect(scaled.body).toMatchObject({ kind: 'Scale', spec: { replicas: 7 } });
  expect(owned(await server.rest('GET', where), 'four')).toEqual({ 'f:spec': { 'f:replicas': {} } });
});
