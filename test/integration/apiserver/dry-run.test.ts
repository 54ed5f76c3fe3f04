/** `dryRun=All` on every path that writes: the answer of a real write, and nothing written. */
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';

let server: TestApiServer;
const core = '/api/v1/namespaces/default';

const pod = (name: string): any => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: 'dry' } },
  spec: { containers: [{ name: 'web', image: 'web:1' }], automountServiceAccountToken: false },
});
const configMap = (name: string, data: object = { a: '1' }): any => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'dry' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
  },
};
const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'dry' } };
const binding = {
  apiVersion: 'v1',
  kind: 'Binding',
  metadata: { name: 'dry' },
  target: { kind: 'Node', name: 'somewhere' },
};
const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'dry' } };
const token = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };

beforeAll(async () => {
  server = await startTestApiServer();
  for (const [path, body] of [
    [`${core}/serviceaccounts`, { metadata: { name: 'default' } }],
    [`${core}/serviceaccounts`, { metadata: { name: 'dry' } }],
    [`${core}/pods`, pod('dry')],
    [`${core}/configmaps`, configMap('dry')],
    ['/apis/apps/v1/namespaces/default/deployments', deployment],
  ] as const) {
    const { code, text } = await server.rest('POST', path, { body });
    expect([code, [201, 409].includes(code) ? '' : text]).toEqual([code, '']);
  }
});

afterAll(async () => {
  await server?.stop();
});

/** All that is stored, apart from what the server itself renews. */
async function stored(): Promise<string> {
  const paths = ['pods', 'configmaps', 'secrets', 'serviceaccounts', 'services', 'events'].map(
    (kind) => `${core}/${kind}`,
  );
  paths.push('/apis/apps/v1/namespaces/default/deployments', '/apis/coordination.k8s.io/v1/namespaces/default/leases');
  const lists = await Promise.all(paths.map((path) => server.rest('GET', path)));
  return JSON.stringify(lists.map(({ body }) => body.items as unknown));
}

const merge = 'application/merge-patch+json';
const apply = 'application/apply-patch+yaml';
const deployments = '/apis/apps/v1/namespaces/default/deployments';
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'dry' }, spec: { ports: [{ port: 80 }] } };

it.each<[string, string, string, object | undefined, string, number]>([
  ['create', 'POST', `${core}/configmaps`, configMap('new'), '', 201],
  ['create of a service with an address', 'POST', `${core}/services`, service, '', 201],
  ['create of a generated name', 'POST', `${core}/pods`, { ...pod(''), metadata: { generateName: 'dry-' } }, '', 201],
  ['create of what exists', 'POST', `${core}/configmaps`, configMap('dry'), '', 409],
  ['update', 'PUT', `${core}/configmaps/dry`, configMap('dry', { b: '2' }), '', 200],
  ['update that creates', 'PUT', '/apis/coordination.k8s.io/v1/namespaces/default/leases/dry', lease, '', 201],
  ['status update', 'PATCH', `${core}/pods/dry/status`, { status: { phase: 'Running' } }, merge, 200],
  ['patch', 'PATCH', `${core}/configmaps/dry`, { data: { c: '3' } }, merge, 200],
  ['apply', 'PATCH', `${core}/configmaps/applied`, configMap('applied'), apply, 201],
  ['scale', 'PATCH', `${deployments}/dry/scale`, { spec: { replicas: 9 } }, merge, 200],
  ['binding', 'POST', `${core}/pods/dry/binding`, binding, '', 201],
  ['eviction', 'POST', `${core}/pods/dry/eviction`, eviction, '', 201],
  [
    'eviction, asked for in its body',
    'POST',
    `${core}/pods/dry/eviction?`,
    { ...eviction, deleteOptions: { dryRun: ['All'] } },
    '',
    201,
  ],
  ['token', 'POST', `${core}/serviceaccounts/dry/token`, token, '', 201],
  ['delete', 'DELETE', `${core}/configmaps/dry`, undefined, '', 200],
  ['delete with grace', 'DELETE', `${core}/pods/dry`, undefined, '', 200],
  [
    'delete, asked for in its body',
    'DELETE',
    `${core}/configmaps/dry?`,
    { kind: 'DeleteOptions', apiVersion: 'v1', dryRun: ['All'] },
    '',
    200,
  ],
  ['delete of a collection', 'DELETE', `${core}/configmaps`, undefined, '', 200],
  ['delete of a collection of pods', 'DELETE', `${core}/pods?labelSelector=app%3Ddry&dryRun=All`, undefined, '', 200],
])('%s writes nothing', async (_what, method, path, body, type, code) => {
  const before = await stored();
  // Paths with a query of their own say so themselves, or in the body.
  const query = path.includes('?') ? '' : `?dryRun=All${type === apply ? '&fieldManager=m' : ''}`;
  const answer = await server.rest(method, `${path}${query}`, {
    ...(body && { body }),
    ...(type && { headers: { 'content-type': type } }),
  });
  expect([answer.code, answer.code === code ? '' : answer.text]).toEqual([code, '']);
  expect(await stored()).toBe(before);
});

it('knows no other value', async () => {
  const { body } = await server.rest('POST', `${core}/configmaps?dryRun=Some`, { body: configMap('x') });
  expect(body.message).toContain('dryRun: Unsupported value: ["Some"]: supported values: "All"');
});
