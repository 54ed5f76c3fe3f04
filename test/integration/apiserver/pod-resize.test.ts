/** The resize subresource of pods over a real API server: who may use it, what it changes, and what it is held to. */
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { until } from '../../support/until';

let server: TestApiServer;
const soon = { everyMs: 10 };
const namespace = '/api/v1/namespaces/resize';
const small = { requests: { cpu: '1', memory: '64Mi' }, limits: { cpu: '2', memory: '128Mi' } };

const rest = (method: string, path: string, body?: unknown, more: object = {}) =>
  server.rest(method, path, { ...(body !== undefined && { body }), ...more });
const merge = { headers: { 'content-type': 'application/strategic-merge-patch+json' } };
const resources = (value: object) => ({ spec: { containers: [{ name: 'c', resources: value }] } });
const resize = (name: string, value: object, more: object = {}, query = '') =>
  rest('PATCH', `${namespace}/pods/${name}/resize${query}`, resources(value), { ...merge, ...more });
/** What is not refused yet must not change the pod. */
const tryResize = (name: string, value: object) => resize(name, value, {}, '?dryRun=All');

beforeAll(async () => {
  server = await startTestApiServer();
  await rest('POST', '/api/v1/namespaces', { metadata: { name: 'resize' } });
  await rest('POST', `${namespace}/serviceaccounts`, { metadata: { name: 'default' } });
  await rest('POST', '/api/v1/nodes', { metadata: { name: 'n' } });
  await rest('PATCH', '/api/v1/nodes/n/status', { status: { allocatable: { cpu: '4', memory: '8Gi' } } }, merge);
  for (const name of ['web', 'other']) {
    const spec = { nodeName: 'n', containers: [{ name: 'c', image: 'i', resources: small }] };
    expect((await rest('POST', `${namespace}/pods`, { metadata: { name }, spec })).code).toBe(201);
  }
});

afterAll(async () => {
  await server?.stop();
});

it('is discovered', async () => {
  const { body } = await rest('GET', '/api/v1');
  expect(body.resources.find(({ name }: { name: string }) => name === 'pods/resize')).toMatchObject({
    kind: 'Pod',
    verbs: ['get', 'patch', 'update'],
  });
});

it('changes cpu and memory alone, as a new generation, where the pod itself does not', async () => {
  const refused = await rest('PATCH', `${namespace}/pods/web`, resources({ limits: { cpu: '3' } }), merge);
  expect([refused.code, refused.body.message]).toEqual([422, expect.stringContaining('pod updates may not change')]);
  const { body: before } = await rest('GET', `${namespace}/pods/web/resize`);
  const changed = await rest(
    'PATCH',
    `${namespace}/pods/web/resize`,
    {
      metadata: { labels: { ignored: 'yes' } },
      spec: { containers: [{ name: 'c', image: 'another', resources: { limits: { cpu: '3', memory: '96Mi' } } }] },
    },
    merge,
  );
  expect(changed.body.spec.containers[0]).toMatchObject({
    image: 'i',
    resources: { requests: small.requests, limits: { cpu: '3', memory: '96Mi' } },
  });
  expect(changed.body.metadata.generation).toBe(before.metadata.generation + 1);
  expect(changed.body.status).toEqual(before.status);
});

it.each([
  ['takes a limit away', { limits: { cpu: null } }, 422, 'resource limits cannot be removed'],
  ['asks for another resource', { limits: { 'ephemeral-storage': '1Gi' } }, 422, 'only cpu and memory resources are'],
  [
    'changes the class',
    { requests: { cpu: '3', memory: '96Mi' }, limits: { cpu: '3', memory: '96Mi' } },
    422,
    'Pod QOS Class may not change as a result of resizing',
  ],
  [
    'asks for more than the node has',
    { requests: { cpu: '5' }, limits: { cpu: '5' } },
    403,
    'pods "web" is forbidden: node didn\'t have enough allocatable resources: cpu, requested: 5000, allocatable: 4000',
  ],
])('refuses what %s', async (_what, wanted, code, message) => {
  const answer = await resize('web', wanted);
  expect([answer.code, answer.body.message]).toEqual([code, expect.stringContaining(message)]);
});

it('is a permission of its own', async () => {
  const rules = [{ apiGroups: [''], resources: ['pods/resize'], verbs: ['get', 'patch', 'update'] }];
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/resize';
  await rest('POST', `${rbac}/roles`, { metadata: { name: 'resizer' }, rules });
  await rest('POST', `${rbac}/rolebindings`, {
    metadata: { name: 'resizer' },
    subjects: [{ kind: 'User', name: 'rita' }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'resizer' },
  });
  const identity = await server.identity('rita');
  await until('the role', async () => (await resize('other', small, { identity })).code === 200, soon);
  expect((await rest('PATCH', `${namespace}/pods/other`, {}, { ...merge, identity })).code).toBe(403);
});

it('is held to limit ranges and quotas', async () => {
  await rest('POST', `${namespace}/limitranges`, {
    metadata: { name: 'limits' },
    spec: { limits: [{ type: 'Container', max: { memory: '1Gi' } }] },
  });
  await until(
    'the limit range',
    async () => (await tryResize('other', { limits: { memory: '2Gi' } })).code === 403,
    soon,
  );
  const quota = { metadata: { name: 'quota' }, spec: { hard: { 'requests.cpu': '2' } } };
  const { body } = await rest('POST', `${namespace}/resourcequotas`, quota);
  const status = { hard: { 'requests.cpu': '2' }, used: { 'requests.cpu': '2' } };
  await rest('PUT', `${namespace}/resourcequotas/quota/status`, { ...body, status });
  const exceeded = await until(
    'the quota',
    async () => {
      const answer = await tryResize('other', { requests: { cpu: '1500m' } });
      return answer.code === 403 && answer;
    },
    soon,
  );
  expect(exceeded.body.message).toContain('exceeded quota: quota, requested: requests.cpu=500m, used: requests.cpu=2');
  expect((await resize('other', { requests: { cpu: '500m' } })).code).toBe(200);
});
