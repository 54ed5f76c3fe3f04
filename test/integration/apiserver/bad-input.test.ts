/** What the API answers to requests that are wrong: upstream's codes, reasons and messages. */
// oxlint-disable jest/expect-expect, jest/no-conditional-expect -- `expectStatus` is what expects here
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';

let server: TestApiServer;

beforeAll(async () => {
  server = await startTestApiServer();
});

afterAll(async () => {
  await server?.stop();
});

const deployments = '/apis/apps/v1/namespaces/default/deployments';
const deployment = (spec: object = {}): any => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
    ...spec,
  },
});

async function expectStatus(
  method: string,
  path: string,
  request: Parameters<TestApiServer['rest']>[2],
  expected: { code: number; reason: string; message: string | RegExp },
): Promise<void> {
  const { code, body, text } = await server.rest(method, path, request);
  expect({ code, kind: body?.kind, text: body ? '' : text }).toEqual({ code: expected.code, kind: 'Status', text: '' });
  expect(body).toMatchObject({
    apiVersion: 'v1',
    status: 'Failure',
    code: expected.code,
    reason: expected.reason,
    message: typeof expected.message === 'string' ? expected.message : expect.stringMatching(expected.message),
  });
}

describe('a body that is not the object', () => {
  it('refuses a wrong type with the field', () =>
    expectStatus(
      'POST',
      deployments,
      { body: deployment({ replicas: 'three' }) },
      {
        code: 400,
        reason: 'BadRequest',
        message:
          'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
      },
    ));

  it('refuses unknown and repeated fields when asked to be strict', async () => {
    await expectStatus(
      'POST',
      `${deployments}?fieldValidation=Strict`,
      { body: deployment({ foo: 1 }) },
      {
        code: 400,
        reason: 'BadRequest',
        message:
          'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.foo"',
      },
    );
    const repeated = JSON.stringify(deployment()).replace('"spec":', '"spec":{},"spec":');
    await expectStatus(
      'POST',
      `${deployments}?fieldValidation=Strict`,
      { body: repeated },
      {
        code: 400,
        reason: 'BadRequest',
        message: /strict decoding error: duplicate field "spec"$/,
      },
    );
  });

  it('warns of unknown fields by default, and drops them', async () => {
    const answer = await server.rest('POST', `${deployments}?dryRun=All`, { body: deployment({ foo: 1 }) });
    expect(answer.code).toBe(201);
    expect(answer.headers.warning).toBe('299 - "unknown field \\"spec.foo\\""');
    expect(answer.body.spec.foo).toBeUndefined();
  });

  it.each([
    ['broken JSON', '{"a', 400, 'BadRequest', /^the object provided is unrecognized \(must be of type Deployment\): /],
    ['nothing', '', 400, 'BadRequest', /unexpected end of JSON input \(<empty>\)$/],
    [
      'another kind',
      { apiVersion: 'v1', kind: 'Service' },
      400,
      'BadRequest',
      /^Service in version "v1" cannot be handled as a Deployment: /,
    ],
    [
      'an unknown kind',
      { apiVersion: 'apps/v1', kind: 'Foo' },
      400,
      'BadRequest',
      /no kind "Foo" is registered for version "apps\/v1"/,
    ],
    ['deep nesting', `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 400, 'BadRequest', /exceeded max depth/],
    ['a prototype key', '{"__proto__":{"x":1}}', 400, 'BadRequest', /"__proto__" is not allowed/],
    ['too many bytes', 'x'.repeat(3 * 1024 * 1024 + 1), 413, 'RequestEntityTooLarge', /limit is 3145728/],
  ])('refuses %s', async (_what, body, code, reason, message) => {
    await expectStatus('POST', deployments, { body }, { code, reason, message });
  });

  it('refuses a YAML alias bomb and takes YAML', async () => {
    const headers = { 'content-type': 'application/yaml' };
    const row = (name: string, of: string): string => `${name}: &${name} [${Array(10).fill(of).join(',')}]`;
    const bomb = [row('a', 'x'), ...['ba', 'cb', 'dc', 'ed'].map(([n, o]) => row(n!, `*${o}`))].join('\n');
    await expectStatus(
      'POST',
      deployments,
      { body: bomb, headers },
      { code: 400, reason: 'BadRequest', message: /alias/i },
    );
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-yaml}\ndata: {a: "1"}\n';
    const answer = await server.rest('POST', '/api/v1/namespaces/default/configmaps', { body: yaml, headers });
    expect(answer).toMatchObject({ code: 201, body: { data: { a: '1' } } });
  });

  it('does nothing for a client that does not accept the answer', async () => {
    const refusal = {
      code: 406,
      reason: 'NotAcceptable',
      message: 'only the following media types are accepted: application/json, application/yaml',
    };
    const headers = { accept: 'application/vnd.kubernetes.protobuf' };
    await expectStatus('GET', deployments, { headers }, refusal);
    const configMaps = '/api/v1/namespaces/default/configmaps';
    await expectStatus('POST', configMaps, { body: { metadata: { name: 'unaccepted' } }, headers }, refusal);
    expect((await server.rest('GET', `${configMaps}/unaccepted`)).code).toBe(404);
  });

  it('has no columns of a review', async () => {
    await expectStatus(
      'POST',
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      {
        body: { spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } },
        headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
      },
      { code: 406, reason: 'NotAcceptable', message: /only the following media types are accepted/ },
    );
  });

  it('takes no other types', async () => {
    const body = 'k8s';
    const protobuf = { 'content-type': 'application/vnd.kubernetes.protobuf' };
    await expectStatus(
      'POST',
      deployments,
      { body, headers: protobuf },
      {
        code: 400,
        reason: 'BadRequest',
        message: /provided data does not appear to be a protobuf message/,
      },
    );
    const message =
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf';
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await expectStatus('POST', deployments, { body, headers }, { code: 415, reason: 'UnsupportedMediaType', message });
    const patch = { 'content-type': 'text/plain' };
    await expectStatus(
      'PATCH',
      `${deployments}/web`,
      { body: {}, headers: patch },
      {
        code: 415,
        reason: 'UnsupportedMediaType',
        message:
          /application\/json-patch\+json, application\/merge-patch\+json, application\/strategic-merge-patch\+json, application\/apply-patch\+yaml$/,
      },
    );
  });
});

describe('an object that is not valid', () => {
  it.each([
    [
      'negative replicas',
      { replicas: -1 },
      'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      'a selector that misses the template',
      { selector: { matchLabels: { app: 'other' } } },
      /spec\.template\.metadata\.labels: Invalid value: .*: `selector` does not match template `labels`/,
    ],
  ])('refuses %s', async (_what, spec, message) => {
    await expectStatus('POST', deployments, { body: deployment(spec) }, { code: 422, reason: 'Invalid', message });
  });

  it('refuses a bad name', () =>
    expectStatus(
      'POST',
      '/api/v1/namespaces/default/configmaps',
      { body: { metadata: { name: 'Bad_Name' } } },
      {
        code: 422,
        reason: 'Invalid',
        message:
          /^ConfigMap "Bad_Name" is invalid: metadata\.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain/,
      },
    ));

  it('refuses duplicate ports of a Service', () =>
    expectStatus(
      'POST',
      '/api/v1/namespaces/default/services',
      {
        body: {
          metadata: { name: 'a' },
          spec: {
            ports: [
              { name: 'a', port: 80 },
              { name: 'b', port: 80 },
            ],
          },
        },
      },
      { code: 422, reason: 'Invalid', message: /spec\.ports\[1\]: Duplicate value: / },
    ));
});

describe('a request that does not fit its URL', () => {
  const configMaps = '/api/v1/namespaces/default/configmaps';

  it.each([
    [
      'POST',
      configMaps,
      { metadata: { name: 'a', namespace: 'other' } },
      400,
      'BadRequest',
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      'PUT',
      `${configMaps}/a`,
      { metadata: { name: 'b' } },
      400,
      'BadRequest',
      'the name of the object (b) does not match the name on the URL (a)',
    ],
    [
      'PUT',
      `${configMaps}/a`,
      {},
      400,
      'BadRequest',
      'the name of the object (a based on URL) was undeterminable: name must be provided',
    ],
    [
      'POST',
      configMaps,
      { apiVersion: 'apps/v1', kind: 'ConfigMap' },
      400,
      'BadRequest',
      /no kind "ConfigMap" is registered for version "apps\/v1"/,
    ],
    [
      'POST',
      `${configMaps}?dryRun=Some`,
      { metadata: { name: 'a' } },
      422,
      'Invalid',
      'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
    ],
    [
      'POST',
      `${configMaps}?fieldValidation=x`,
      {},
      422,
      'Invalid',
      /fieldValidation: Unsupported value: "x": supported values: "Ignore", "Strict", "Warn"/,
    ],
    [
      'DELETE',
      `${configMaps}/a`,
      { propagationPolicy: 'Foo' },
      422,
      'Invalid',
      /propagationPolicy: Unsupported value: "Foo"/,
    ],
    ['GET', `${configMaps}/missing`, undefined, 404, 'NotFound', 'configmaps "missing" not found'],
    [
      'GET',
      '/api/v1/namespaces/default/foos',
      undefined,
      404,
      'NotFound',
      'the server could not find the requested resource',
    ],
    ['GET', '/apis/foo/v1/bars', undefined, 404, 'NotFound', 'the server could not find the requested resource'],
    ['PUT', configMaps, {}, 405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource'],
    [
      'OPTIONS',
      configMaps,
      undefined,
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
    ],
    [
      'DELETE',
      '/api/v1/configmaps',
      undefined,
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
    ],
    ['GET', `${configMaps}?labelSelector=a+in+b`, undefined, 400, 'BadRequest', /unable to parse requirement/],
    [
      'GET',
      `${configMaps}?fieldSelector=foo=a`,
      undefined,
      400,
      'BadRequest',
      /"foo" is not a known field selector: only "metadata.name", "metadata.namespace"/,
    ],
    ['GET', '/api/v1/pods?fieldSelector=foo=a', undefined, 400, 'BadRequest', 'field label not supported: foo'],
    [
      'GET',
      `${configMaps}?resourceVersionMatch=Exact`,
      undefined,
      422,
      'Invalid',
      /resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided/,
    ],
    ['GET', `${configMaps}?limit=x`, undefined, 400, 'BadRequest', /strconv.ParseInt: parsing "x": invalid syntax/],
    [
      'GET',
      `${configMaps}?watch=1&sendInitialEvents=true`,
      undefined,
      422,
      'Invalid',
      /sendInitialEvents requires setting resourceVersionMatch to NotOlderThan/,
    ],
    ['GET', `${configMaps}?continue=garbage`, undefined, 400, 'BadRequest', /continue key is not valid/],
  ])('%s %s', async (method, path, body, code, reason, message) => {
    await expectStatus(method, path, { body }, { code, reason, message });
  });
});

describe('a client that may not', () => {
  it('is told what it may not do', async () => {
    const identity = await server.identity('jane');
    const headers = { 'user-agent': 'test' };
    await expectStatus(
      'GET',
      '/api/v1/namespaces/default/pods',
      { identity, headers },
      {
        code: 403,
        reason: 'Forbidden',
        message:
          'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
      },
    );
    await expectStatus(
      'DELETE',
      '/api/v1/nodes/a',
      { identity },
      {
        code: 403,
        reason: 'Forbidden',
        message:
          'nodes "a" is forbidden: User "jane" cannot delete resource "nodes" in API group "" at the cluster scope',
      },
    );
    await expectStatus(
      'GET',
      '/metrics',
      { identity },
      {
        code: 403,
        reason: 'Forbidden',
        message: 'forbidden: User "jane" cannot get path "/metrics"',
      },
    );
  });

  it('is unauthorized with a wrong token or with none, except for health', async () => {
    const unauthorized = { code: 401, reason: 'Unauthorized', message: 'Unauthorized' };
    const headers = { authorization: 'Bearer wrong' };
    await expectStatus('GET', '/api/v1/pods', { identity: null, headers }, unauthorized);
    await expectStatus('GET', '/api/v1/pods', { identity: null }, unauthorized);
    expect(await server.rest('GET', '/readyz', { identity: null })).toMatchObject({ code: 200, text: 'ok' });
  });
});
