/** Custom resources over HTTP, from the definition's creation to its end. */
import { existsSync } from 'node:fs';
import { kubectlOf } from '../../support/commands';
import { kubectlMinor } from '../../support/kubectl-features';
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { until } from '../../support/until';

let server: TestApiServer;
const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const widgets = '/apis/stable.example.com/v1/namespaces/default/widgets';

beforeAll(async () => {
  server = await startTestApiServer();
});
afterAll(async () => {
  await server?.stop();
});

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      properties: {
        size: { type: 'integer', minimum: 1, maximum: 10 },
        color: { type: 'string', enum: ['red', 'green'], default: 'red' },
        port: { 'x-kubernetes-int-or-string': true },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
    status: {
      type: 'object',
      properties: { size: { type: 'integer' }, selector: { type: 'string' } },
    },
  },
};

const crdOf = (plural: string, kind: string, extra: object = {}, version: object = {}) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.stable.example.com` },
  spec: {
    group: 'stable.example.com',
    scope: 'Namespaced',
    names: { plural, singular: kind.toLowerCase(), kind, shortNames: [`${plural.slice(0, 2)}x`] },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...version }],
    ...extra,
  },
});

const established = async (name: string): Promise<void> =>
  until(`${name} is established`, async () => {
    const { body } = await server.rest('GET', `${crds}/${name}`);
    return body.status?.conditions?.some((c: any) => c.type === 'Established' && c.status === 'True');
  });

describe('a custom resource', () => {
  beforeAll(async () => {
    const crd = crdOf(
      'widgets',
      'Widget',
      {},
      {
        subresources: {
          status: {},
          scale: {
            specReplicasPath: '.spec.size',
            statusReplicasPath: '.status.size',
            labelSelectorPath: '.status.selector',
          },
        },
        additionalPrinterColumns: [
          { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
          { name: 'Color', type: 'string', jsonPath: '.spec.color', priority: 1 },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
        selectableFields: [{ jsonPath: '.spec.color' }],
      },
    );
    const { code, text } = await server.rest('POST', crds, { body: crd });
    expect([code, text]).toEqual([201, expect.any(String)]);
    await established('widgets.stable.example.com');
  });

  it('is served as soon as it is established, with defaults, and keeps what no schema knows out', async () => {
    const body = { metadata: { name: 'one' }, spec: { size: 3, unknown: true, free: { any: 1 } }, status: { size: 9 } };
    const created = await server.rest('POST', widgets, { body });
    expect(created.code).toBe(201);
    expect(created.body).toMatchObject({
      kind: 'Widget',
      apiVersion: 'stable.example.com/v1',
      metadata: { generation: 1 },
    });
    expect(created.body.spec).toEqual({ size: 3, color: 'red', free: { any: 1 } });
    expect(created.body.status).toBeUndefined();
    expect(created.headers.warning).toBe('299 - "unknown field \\"spec.unknown\\""');
  });

  it("is refused with upstream's words", async () => {
    const body = { metadata: { name: 'two' }, spec: { size: 11, color: 'blue', port: true } };
    const { code, body: status } = await server.rest('POST', widgets, { body });
    expect(code).toBe(422);
    expect(status.details.causes).toEqual([
      {
        reason: 'FieldValueInvalid',
        field: 'spec.size',
        message: 'Invalid value: 11: spec.size in body should be less than or equal to 10',
      },
      {
        reason: 'FieldValueNotSupported',
        field: 'spec.color',
        message: 'Unsupported value: "blue": supported values: "green", "red"',
      },
      {
        reason: 'FieldValueTypeInvalid',
        field: 'spec.port',
        message: 'Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
      },
    ]);
    const strict = await server.rest('POST', `${widgets}?fieldValidation=Strict`, {
      body: { metadata: { name: 'x' }, spec: { size: 1, a: 1 } },
    });
    expect(strict.body.message).toBe(
      'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.a"',
    );
  });

  it('is of its kind and version', async () => {
    const kind = await server.rest('POST', widgets, { body: { kind: 'Gizmo', metadata: { name: 'x' } } });
    expect([kind.code, kind.body.details.causes[0].message]).toEqual([422, 'Invalid value: "Gizmo": must be Widget']);
    const version = await server.rest('POST', widgets, {
      body: { apiVersion: 'stable.example.com/v9', kind: 'Widget' },
    });
    expect([version.code, version.body.message]).toEqual([
      400,
      'the API version in the data (stable.example.com/v9) does not match the expected API version (stable.example.com/v1)',
    ]);
  });

  it('prints its own columns', async () => {
    const { body } = await server.rest('GET', widgets, {
      headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
    });
    expect(body.columnDefinitions.map((c: any) => [c.name, c.type, c.priority])).toEqual([
      ['Name', 'string', 0],
      ['Size', 'integer', 0],
      ['Color', 'string', 1],
      ['Age', 'date', 0],
    ]);
    expect(body.rows[0].cells.slice(0, 3)).toEqual(['one', 3, 'red']);
  });

  it('has a status and a scale of their own', async () => {
    const status = await server.rest('PATCH', `${widgets}/one/status`, {
      body: { metadata: { labels: { a: 'b' } }, spec: { size: 5 }, status: { size: 2, selector: 'app=x' } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(status.body).toMatchObject({ spec: { size: 3 }, status: { size: 2 }, metadata: { generation: 1 } });
    expect(status.body.metadata.labels).toBeUndefined();
    const scale = await server.rest('PATCH', `${widgets}/one/scale`, {
      body: { spec: { replicas: 7 } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(scale.body).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 7 },
      status: { replicas: 2, selector: 'app=x' },
    });
    const { body } = await server.rest('GET', `${widgets}/one`);
    expect(body).toMatchObject({ spec: { size: 7 }, metadata: { generation: 2 } });
  });

  it('may hold empty lists, which are not the same as none', async () => {
    const patch = async (list: unknown) =>
      server.rest('PATCH', `${widgets}/one`, {
        body: { spec: { free: { list } } },
        headers: { 'content-type': 'application/merge-patch+json' },
      });
    const { body: before } = await patch(null);
    const { body: after } = await patch([]);
    expect(after.spec.free.list).toEqual([]);
    expect(after.metadata.generation).toBe(before.metadata.generation + 1);
    expect((await patch([])).body.metadata.resourceVersion).toBe(after.metadata.resourceVersion);
  });

  it('is selected by its fields', async () => {
    const { body } = await server.rest('GET', `${widgets}?fieldSelector=spec.color%3Dred`);
    expect(body.items).toHaveLength(1);
    const none = await server.rest('GET', `${widgets}?fieldSelector=spec.color%3Dgreen`);
    expect(none.body.items).toEqual([]);
  });

  it('takes no strategic merge patch', async () => {
    const { code } = await server.rest('PATCH', `${widgets}/one`, {
      body: { spec: { size: 1 } },
      headers: { 'content-type': 'application/strategic-merge-patch+json' },
    });
    expect(code).toBe(415);
  });

  it('is known to kubectl by its short name, in explain, apply and get', async () => {
    const get = await server.kubectl(['get', 'wix', '-o', 'wide', '--no-headers']);
    expect(get.stdout).toMatch(/^one\s+7\s+red\s+(\d+m)?\d+s\s*$/);
    const explain = await server.kubectl(['explain', 'widget.spec.color']);
    // Older ones print the group within the version.
    expect(explain.stdout).toContain(kubectlMinor() >= 27 ? 'GROUP:      stable.example.com' : 'stable.example.com/v1');
    expect(explain.stdout).toMatch(/FIELD: +color <string>/);
    const manifest = JSON.stringify({
      apiVersion: 'stable.example.com/v1',
      kind: 'Widget',
      metadata: { name: 'applied' },
      spec: { size: 2 },
    });
    const applied = await server.kubectl(['apply', '-f', '-'], { input: manifest });
    expect([applied.stdout, applied.stderr]).toEqual(['widget.stable.example.com/applied created\n', '']);
    const again = await server.kubectl(['apply', '-f', '-'], { input: manifest.replace('"size":2', '"size":4') });
    expect(again.stdout).toBe('widget.stable.example.com/applied configured\n');
  });
});

describe('kubectl', () => {
  it('applies on the server, and tells conflicts', async () => {
    const manifest = (size: number): string =>
      JSON.stringify({
        apiVersion: 'stable.example.com/v1',
        kind: 'Widget',
        metadata: { name: 'ssa' },
        spec: { size, free: { b: 1 } },
      });
    const apply = async (size: number, manager: string) =>
      server.kubectl(['apply', '--server-side', '--field-manager', manager, '-f', '-'], { input: manifest(size) });
    expect((await apply(2, 'one')).stdout).toBe('widget.stable.example.com/ssa serverside-applied\n');
    expect((await apply(3, 'one')).stdout).toBe('widget.stable.example.com/ssa serverside-applied\n');
    expect((await apply(4, 'two')).stderr).toContain('conflict with "one": .spec.size');
    const { body } = await server.rest('GET', `${widgets}/ssa`);
    expect(body.metadata.managedFields[0].fieldsV1['f:spec']).toEqual({ 'f:free': { 'f:b': {} }, 'f:size': {} });
  });

  it('waits for a definition, and names the kinds it does not know', async () => {
    const wait = await server.kubectl(['wait', '--for=condition=Established', 'crd/widgets.stable.example.com']);
    expect(wait.stdout).toBe(
      'customresourcedefinition.apiextensions.k8s.io/widgets.stable.example.com condition met\n',
    );
    const misspelt = await server.kubectl(['get', 'wigdets']);
    expect(misspelt.stderr).toBe('error: the server doesn\'t have a resource type "wigdets"\n');
    const resources = await server.kubectl(['api-resources', '--api-group=stable.example.com', '--no-headers']);
    expect(resources.stdout).toMatch(/^widgets\s+wix\s+stable.example.com\/v1\s+true\s+Widget/m);
  });

  it('refuses unknown fields by the published schema', async () => {
    const input = JSON.stringify({
      apiVersion: 'stable.example.com/v1',
      kind: 'Widget',
      metadata: { name: 'x' },
      spec: { size: 1, siez: 2 },
    });
    const create = await server.kubectl(['create', '-f', '-'], { input });
    const message = kubectlMinor() >= 25 ? 'strict decoding error: unknown field "spec.siez"' : 'unknown field "siez"';
    expect(create.stderr).toContain(message);
    if (!existsSync(kubectlOf('1.27'))) return;
    const old = await server.kubectl(['create', '-f', '-'], { input, minor: '1.27' });
    expect(old.stderr).toContain('unknown field "spec.siez"');
  });
});

describe('the end of a definition', () => {
  it('takes its instances with it, and its paths', async () => {
    await server.rest('POST', crds, { body: crdOf('gadgets', 'Gadget') });
    await established('gadgets.stable.example.com');
    const gadgets = '/apis/stable.example.com/v1/namespaces/default/gadgets';
    await server.rest('POST', gadgets, {
      body: { metadata: { name: 'g', finalizers: ['example.com/hold'] }, spec: { size: 1 } },
    });
    await server.rest('DELETE', `${crds}/gadgets.stable.example.com`);
    await until('creation is refused', async () => {
      const { code } = await server.rest('POST', gadgets, { body: { metadata: { name: 'h' }, spec: { size: 1 } } });
      return code === 405;
    });
    await server.rest('PATCH', `${gadgets}/g`, {
      body: { metadata: { finalizers: null } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    await until(
      'the definition is gone',
      async () => (await server.rest('GET', `${crds}/gadgets.stable.example.com`)).code === 404,
    );
    await until('the paths are gone', async () => (await server.rest('GET', gadgets)).code === 404);
  });
});

describe('names', () => {
  it('belong to the first who asks for them', async () => {
    const crd = crdOf('others', 'Widget');
    await server.rest('POST', crds, { body: crd });
    const name = 'others.stable.example.com';
    await until(
      'its names are refused',
      async () => (await server.rest('GET', `${crds}/${name}`)).body.status?.conditions?.length === 2,
    );
    const { body } = await server.rest('GET', `${crds}/${name}`);
    expect(body.status.conditions).toMatchObject([
      { type: 'NamesAccepted', status: 'False', reason: 'ListKindConflict', message: '"WidgetList" is already in use' },
      { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
    ]);
    expect((await server.rest('GET', '/apis/stable.example.com/v1/namespaces/default/others')).code).toBe(404);
  });

  it('pass to the next when the first is gone, and a definition goes that never had any', async () => {
    const first = crdOf('firsts', 'Contested');
    const next = crdOf('nexts', 'Contested');
    await server.rest('POST', crds, { body: first });
    await established('firsts.stable.example.com');
    await server.rest('POST', crds, { body: next });
    await server.rest('DELETE', `${crds}/others.stable.example.com`);
    await until('it is gone', async () => (await server.rest('GET', `${crds}/others.stable.example.com`)).code === 404);
    await server.rest('DELETE', `${crds}/firsts.stable.example.com`);
    await established('nexts.stable.example.com');
  });
});

describe('short names', () => {
  it('stay as they are while another holds a new one', async () => {
    const crd = crdOf('zebras', 'Zebra');
    await server.rest('POST', crds, { body: crd });
    await established('zebras.stable.example.com');
    const names = { ...crd.spec.names, shortNames: ['wix', 'zeb'] };
    await server.rest('PATCH', `${crds}/zebras.stable.example.com`, {
      body: { spec: { names } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    await until('the conflict is told', async () => {
      const { body } = await server.rest('GET', `${crds}/zebras.stable.example.com`);
      return body.status.conditions.some((c: any) => c.reason === 'ShortNamesConflict');
    });
    const { body } = await server.rest('GET', '/apis/stable.example.com/v1');
    const shortNames = body.resources.find((r: any) => r.name === 'zebras').shortNames;
    expect(shortNames).toEqual(['zex']);
  });
});

describe('a restarted API server', () => {
  it('serves what was defined, with its objects', async () => {
    await server.rest('POST', widgets, { body: { metadata: { name: 'kept' }, spec: { size: 4 } } });
    await server.restart();
    const { body } = await server.rest('GET', `${widgets}/kept`);
    expect(body).toMatchObject({ kind: 'Widget', spec: { size: 4, color: 'red' } });
  });
});
