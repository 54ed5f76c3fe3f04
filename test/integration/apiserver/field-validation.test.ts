/** Unknown and repeated fields on every path that writes: refused, warned of, or ignored. */
import { type RestAnswer, startTestApiServer, type TestApiServer } from '../../support/apiserver';

let server: TestApiServer;
const deployments = '/apis/apps/v1/namespaces/default/deployments';

const valid = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'fields' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'web:1' }] },
    },
  },
};

beforeAll(async () => {
  server = await startTestApiServer();
  expect((await server.rest('POST', deployments, { body: valid })).code).toBe(201);
});

afterAll(async () => {
  await server?.stop();
});

const text = JSON.stringify(valid);
const unknown = text.replace('"spec":{"selector"', '"spec":{"foo":1,"paused":true,"paused":true,"selector"');
const yaml = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: fields
spec:
  foo: 1
  paused: true
  paused: true
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1"}]}
`;
const json = 'application/json';
const yamlType = 'application/yaml';
const merge = 'application/merge-patch+json';
const strategic = 'application/strategic-merge-patch+json';
const jsonPatch = 'application/json-patch+json';
const apply = 'application/apply-patch+yaml';

const inJson = ['unknown field "spec.foo"', 'duplicate field "spec.paused"'];
const inPatch = inJson.toReversed();
const inYaml = ['line 8: key "paused" already set in map', 'unknown field "spec.foo"'];
const yamlError = 'yaml: unmarshal errors:\n  line 8: key "paused" already set in map, unknown field "spec.foo"';
const misfit = (message: string): string => `Deployment in version "v1" cannot be handled as a Deployment: ${message}`;
const patched = '{"spec":{"foo":1,"paused":true,"paused":true}}';
const operations = '[{"op":"add","path":"/spec/foo","value":1,"extra":1}]';

const scale = `${deployments}/fields/scale`;
const scaled =
  '{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"fields"},"spec":{"replicas":1,"x":1}}';
const inScale = 'strict decoding error: unknown field "spec.x"';

interface Case {
  what: string;
  method: string;
  path: string;
  type: string;
  body: string;
  code: number;
  /** How the refusal ends. */
  strict: string;
  warnings: string[];
}

const object = `${deployments}/fields`;
const cases: Case[] = [
  {
    what: 'create',
    method: 'POST',
    path: deployments,
    type: json,
    body: unknown,
    code: 400,
    strict: misfit(`strict decoding error: ${inJson.join(', ')}`),
    warnings: inJson,
  },
  {
    what: 'create of YAML',
    method: 'POST',
    path: deployments,
    type: yamlType,
    body: yaml,
    code: 400,
    strict: misfit(`strict decoding error: ${yamlError}`),
    warnings: inYaml,
  },
  {
    what: 'update',
    method: 'PUT',
    path: object,
    type: json,
    body: unknown,
    code: 400,
    strict: misfit(`strict decoding error: ${inJson.join(', ')}`),
    warnings: inJson,
  },
  {
    what: 'merge patch',
    method: 'PATCH',
    path: object,
    type: merge,
    body: patched,
    code: 422,
    strict: `: strict decoding error: ${inPatch.join(', ')}`,
    warnings: inPatch,
  },
  {
    what: 'strategic merge patch',
    method: 'PATCH',
    path: object,
    type: strategic,
    body: patched,
    code: 422,
    strict: ` is invalid: patch: Invalid value: "map[spec:map[foo:1 paused:true]]": strict decoding error: ${inPatch.join(', ')}`,
    warnings: inPatch,
  },
  {
    what: 'JSON patch',
    method: 'PATCH',
    path: object,
    type: jsonPatch,
    body: operations,
    code: 422,
    strict: ': strict decoding error: json patch unknown field "[0].extra", unknown field "spec.foo"',
    warnings: ['json patch unknown field "[0].extra"', 'unknown field "spec.foo"'],
  },
  {
    what: 'apply',
    method: 'PATCH',
    path: object,
    type: apply,
    body: yaml.replace('  foo: 1\n', ''),
    code: 400,
    strict:
      'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 7: key "paused" already set in map',
    warnings: ['line 7: key "paused" already set in map'],
  },
  {
    what: 'update of the scale',
    method: 'PUT',
    path: scale,
    type: json,
    body: scaled,
    code: 400,
    strict: inScale,
    warnings: ['unknown field "spec.x"'],
  },
  {
    what: 'patch of the scale',
    method: 'PATCH',
    path: scale,
    type: merge,
    body: '{"spec":{"x":1}}',
    code: 422,
    strict: inScale,
    warnings: ['unknown field "spec.x"'],
  },
];

const send = ({ method, path, type, body }: Case, fieldValidation: string): Promise<RestAnswer> => {
  const query = new URLSearchParams({ dryRun: 'All', fieldManager: 'm', fieldValidation });
  if (type === apply) query.set('force', 'true');
  return server.rest(method, `${path}?${query}`, {
    body: method === 'POST' ? body.replace(/(name"?: ?"?)fields/, '$1new') : body,
    headers: { 'content-type': type },
  });
};

const warningsOf = ({ headers }: RestAnswer): string[] =>
  [headers.warning ?? []]
    .flat()
    .flatMap((header) =>
      [...header.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, message]) => message!.replace(/\\(.)/g, '$1')),
    );

describe.each(cases)('$what', (one) => {
  it('is refused when strict', async () => {
    const { body } = await send(one, 'Strict');
    expect(body).toMatchObject({ kind: 'Status', code: one.code });
    expect(body.message.endsWith(one.strict) ? one.strict : body.message).toBe(one.strict);
  });

  it('warns, and ignores when told to', async () => {
    const warned = await send(one, 'Warn');
    expect([warned.code < 300, warningsOf(warned)]).toEqual([true, one.warnings]);
    expect(warned.body.spec.foo).toBeUndefined();
    const ignored = await send(one, 'Ignore');
    expect([ignored.code < 300, warningsOf(ignored)]).toEqual([true, []]);
  });
});

it('knows no other directive', async () => {
  const { body } = await server.rest('POST', `${deployments}?fieldValidation=Maybe`, { body: valid });
  expect(body).toMatchObject({
    code: 422,
    message:
      'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Maybe": supported values: "Ignore", "Strict", "Warn"',
  });
});
