/** Custom resources in several versions: with and without a conversion webhook, and as they lie in storage. */
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { until } from '../../support/until';
import { openWatch } from '../../support/watch-client';
import { type ReceivedCall, startWebhookServer, type WebhookServer } from '../../support/webhook-server';

let server: TestApiServer;
let webhook: WebhookServer;
const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const merge = { 'content-type': 'application/merge-patch+json' };

beforeAll(async () => {
  [server, webhook] = await Promise.all([startTestApiServer(), startWebhookServer()]);
  webhook.handle = convert;
});
afterAll(async () => {
  await Promise.all([server?.stop(), webhook?.stop()]);
});

/** v1 has `hostPort: "a:1"`, v2 has `host` and `port`. */
function convert({ body }: ReceivedCall): object {
  const { uid, desiredAPIVersion, objects } = body.request;
  const convertedObjects = objects.map(({ spec, ...rest }: any) => {
    const [host, port] = (spec?.hostPort ?? '').split(':');
    const converted = desiredAPIVersion.endsWith('/v1')
      ? { hostPort: `${spec?.host}:${spec?.port}` }
      : { host, port: Number(port) };
    return { ...rest, apiVersion: desiredAPIVersion, spec: converted };
  });
  const response = { uid, result: { status: 'Success' }, convertedObjects };
  return { apiVersion: body.apiVersion, kind: body.kind, response };
}

const schemaOf = (properties: object) => ({
  openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
});
const text = { type: 'string' };

function crdOf(plural: string, kind: string, conversion: object): any {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural, singular: kind.toLowerCase(), kind },
      conversion,
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          deprecated: true,
          schema: schemaOf({ hostPort: text }),
        },
        {
          name: 'v2',
          served: true,
          storage: false,
          schema: schemaOf({
            host: text,
            port: { type: 'integer', maximum: 65535 },
            mode: { ...text, default: 'tcp' },
          }),
          selectableFields: [{ jsonPath: '.spec.host' }],
        },
      ],
    },
  };
}

async function define(crd: any): Promise<void> {
  const { code, text: answer } = await server.rest('POST', crds, { body: crd });
  expect([code, answer]).toEqual([201, expect.any(String)]);
  await until('it is served', async () => {
    const { body } = await server.rest('GET', `${crds}/${crd.metadata.name}`);
    return body.status?.conditions?.some((c: any) => c.type === 'Established' && c.status === 'True');
  });
}

const path = (version: string, plural: string, name = ''): string =>
  `/apis/example.com/${version}/namespaces/default/${plural}${name && `/${name}`}`;

describe('with a conversion webhook', () => {
  const name = 'endpoints.example.com';
  const of = (version: string, object = ''): string => path(version, 'endpoints', object);

  beforeAll(async () => {
    const clientConfig = { url: `${webhook.url}/convert`, caBundle: webhook.caBundle };
    await define(
      crdOf('endpoints', 'Endpoint', {
        strategy: 'Webhook',
        webhook: { clientConfig, conversionReviewVersions: ['v1'] },
      }),
    );
  });

  it('gives each client its version, and storage its own', async () => {
    const created = await server.rest('POST', of('v2'), {
      body: { metadata: { name: 'a' }, spec: { host: 'h', port: 1 } },
    });
    expect(created.body).toMatchObject({ apiVersion: 'example.com/v2', spec: { host: 'h', port: 1, mode: 'tcp' } });
    const v1 = await server.rest('GET', of('v1', 'a'));
    expect(v1.body).toMatchObject({ apiVersion: 'example.com/v1', spec: { hostPort: 'h:1' } });
    expect(v1.body.metadata.uid).toBe(created.body.metadata.uid);
    expect(v1.headers.warning).toContain('example.com/v1 Endpoint is deprecated; use example.com/v2 Endpoint');
    const patched = await server.rest('PATCH', of('v2', 'a'), { body: { spec: { port: 2 } }, headers: merge });
    expect(patched.body.spec).toMatchObject({ host: 'h', port: 2 });
    expect((await server.rest('GET', of('v1', 'a'))).body.spec.hostPort).toBe('h:2');
  });

  it('checks what is written by the schema of its version', async () => {
    const { code, body } = await server.rest('PATCH', of('v2', 'a'), {
      body: { spec: { port: 70000 } },
      headers: merge,
    });
    expect([code, body.details?.causes[0].field]).toEqual([422, 'spec.port']);
  });

  it('converts a list by one call, and each object once', async () => {
    for (const object of ['b', 'c']) {
      await server.rest('POST', of('v1'), { body: { metadata: { name: object }, spec: { hostPort: `${object}:3` } } });
    }
    const calls = webhook.calls.length;
    const { body } = await server.rest('GET', of('v2'));
    expect(body.items.map((item: any) => item.spec.host)).toEqual(['h', 'b', 'c']);
    await server.rest('GET', of('v2'));
    expect(webhook.calls.length - calls).toBe(1);
    expect(webhook.calls.at(-1)!.body.request.objects).toHaveLength(2);
  });

  it('watches in the version that was asked for, in order', async () => {
    const watch = await openWatch(server, `${of('v2')}?watch=1`);
    try {
      for (const _ of [1, 2, 3]) expect((await watch.next())?.object.apiVersion).toBe('example.com/v2');
      for (const port of [11, 12, 13]) {
        await server.rest('PATCH', of('v1', 'b'), { body: { spec: { hostPort: `b:${port}` } }, headers: merge });
      }
      for (const port of [11, 12, 13]) {
        expect(await watch.next()).toMatchObject({ type: 'MODIFIED', object: { spec: { host: 'b', port } } });
      }
      await server.rest('DELETE', of('v1', 'c'));
      expect(await watch.next()).toMatchObject({ type: 'DELETED', object: { spec: { host: 'c' } } });
    } finally {
      watch.close();
    }
  });

  it('selects by fields of the version that was asked for', async () => {
    const selector = 'fieldSelector=spec.host%3Db';
    const { body } = await server.rest('GET', `${of('v2')}?${selector}`);
    expect(body.items.map((item: any) => item.metadata.name)).toEqual(['b']);
    const watch = await openWatch(server, `${of('v2')}?watch=1&${selector}`);
    try {
      expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'b' } } });
      await server.rest('PATCH', of('v1', 'a'), { body: { spec: { hostPort: 'b:1' } }, headers: merge });
      expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'a' } } });
      await server.rest('PATCH', of('v1', 'a'), { body: { spec: { hostPort: 'h:1' } }, headers: merge });
      expect(await watch.next()).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'a' } } });
    } finally {
      watch.close();
    }
    expect((await server.rest('GET', `${of('v1')}?${selector}`)).code).toBe(400);
  });

  it('tells a watcher that goes on from a version only of what it selects', async () => {
    const { body: list } = await server.rest('GET', of('v2'));
    const from = `resourceVersion=${list.metadata.resourceVersion}&fieldSelector=spec.host%3Db`;
    const watch = await openWatch(server, `${of('v2')}?watch=1&${from}`);
    try {
      for (const [one, hostPort] of [
        ['a', 'other:1'],
        ['a', 'h:1'],
        ['b', 'other:1'],
        ['b', 'b:13'],
      ] as const) {
        await server.rest('PATCH', of('v1', one), { body: { spec: { hostPort } }, headers: merge });
      }
      const left = { type: 'DELETED', object: { metadata: { name: 'b' }, spec: { host: 'b' } } };
      expect(await watch.next()).toMatchObject(left);
      expect(await watch.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'b' } } });
    } finally {
      watch.close();
    }
  });

  it('reads what was stored in an older version, and rewrites it when it is next written', async () => {
    const { body: crd } = await server.rest('GET', `${crds}/${name}`);
    const versions = crd.spec.versions.map((version: any) => ({ ...version, storage: version.name === 'v2' }));
    const changed = await server.rest('PATCH', `${crds}/${name}`, { body: { spec: { versions } }, headers: merge });
    expect(changed.body.status.storedVersions).toEqual(['v1', 'v2']);
    await until('it is stored as v2', async () => {
      await server.rest('POST', of('v2'), { body: { metadata: { name: 'new' }, spec: { host: 'n', port: 1 } } });
      const calls = webhook.calls.length;
      await server.rest('DELETE', of('v2', 'new'));
      return webhook.calls.length === calls;
    });
    const old = await server.rest('GET', of('v2', 'b'));
    expect(old.body.spec).toMatchObject({ host: 'b', port: 13 });
    const before = old.body.metadata.resourceVersion;
    const migrated = await server.rest('PUT', of('v2', 'b'), { body: old.body });
    expect(migrated.body.metadata.resourceVersion).not.toBe(before);
    const again = await server.rest('PUT', of('v2', 'b'), { body: migrated.body });
    expect(again.body.metadata.resourceVersion).toBe(migrated.body.metadata.resourceVersion);
  });

  it('tells what the webhook said when it fails', async () => {
    webhook.handle = ({ body }) => ({
      ...body,
      request: undefined,
      response: { uid: body.request.uid, result: { status: 'Failed', message: 'no way' } },
    });
    const { code, body } = await server.rest('GET', of('v1', 'b'));
    expect([code, body.message]).toEqual([
      500,
      'Internal error occurred: conversion webhook for example.com/v2, Kind=Endpoint failed: no way',
    ]);
    webhook.handle = convert;
  });
});

describe('without conversion', () => {
  it('changes the apiVersion, and what the schema of the version knows', async () => {
    await define(crdOf('sockets', 'Socket', { strategy: 'None' }));
    const of = (version: string, object = ''): string => path(version, 'sockets', object);
    await server.rest('POST', of('v1'), { body: { metadata: { name: 'a' }, spec: { hostPort: 'h:1' } } });
    const { body } = await server.rest('GET', of('v2', 'a'));
    expect(body).toMatchObject({ apiVersion: 'example.com/v2', spec: { mode: 'tcp' } });
    expect(body.spec.hostPort).toBeUndefined();
  });
});

describe('a definition', () => {
  it('is refused for rules, patterns and defaults that cannot work', async () => {
    const crd = crdOf('bads', 'Bad', { strategy: 'None' });
    crd.spec.versions.pop();
    crd.spec.versions[0].schema = schemaOf({
      a: { type: 'string', pattern: '(' },
      b: { type: 'integer', default: 'x' },
      c: { type: 'object', properties: { d: text }, default: { e: 1 } },
      f: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self.size() >' }, { rule: 'size(self)' }] },
    });
    const { code, body } = await server.rest('POST', crds, { body: crd });
    expect(code).toBe(422);
    const root = 'spec.validation.openAPIV3Schema.properties[spec]';
    const fields = body.details.causes.map((cause: any) => cause.field.replace(root, ''));
    expect(fields).toEqual([
      '.properties[a].pattern',
      '.properties[b].default',
      '.properties[c].default',
      '.properties[f].x-kubernetes-validations[0].rule',
      '.properties[f].x-kubernetes-validations[1].rule',
    ]);
  });
});
