/** Quotas over real API servers: no more is given out than there is, however many ask at once, and wherever. */
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';

let server: TestApiServer;
/** Of all servers there are. */
let ports: number[] = [];

beforeAll(async () => {
  server = await startTestApiServer();
  ports = [server.port];
});

afterAll(async () => {
  await server?.stop();
});

const inNamespace = (namespace: string) => `/api/v1/namespaces/${namespace}`;

async function createNamespace(name: string): Promise<void> {
  await server.rest('POST', '/api/v1/namespaces', { body: { metadata: { name } } });
  await server.rest('POST', `${inNamespace(name)}/serviceaccounts`, { body: { metadata: { name: 'default' } } });
}

/** A quota as the controller leaves it. */
async function createQuota(namespace: string, name: string, hard: Record<string, string>, spec: object = {}) {
  const path = `${inNamespace(namespace)}/resourcequotas`;
  const created = await server.rest('POST', path, { body: { metadata: { name }, spec: { hard, ...spec } } });
  expect(created.code).toBe(201);
  const used = Object.fromEntries(Object.keys(hard).map((resource) => [resource, '0']));
  const status = await server.rest('PUT', `${path}/${name}/status`, {
    body: { ...created.body, status: { hard, used } },
  });
  expect(status.code).toBe(200);
  // A read waits until the server has heard of the last write: from then on it enforces the quota.
  for (const port of ports) await server.rest('GET', `${path}/${name}`, { port });
}

const usedOf = async (namespace: string, name: string): Promise<Record<string, string>> =>
  (await server.rest('GET', `${inNamespace(namespace)}/resourcequotas/${name}`)).body.status.used;

const podBody = (name: string, resources: object = {}, spec: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i', resources }], ...spec },
});

const createPod = (namespace: string, body: object, options: { port?: number; query?: string } = {}) =>
  server.rest('POST', `${inNamespace(namespace)}/pods${options.query ?? ''}`, {
    body,
    ...(options.port && { port: options.port }),
  });

/** Asks for 50 pods at once; gives how many were made. */
async function race(namespace: string): Promise<{ made: number; messages: Set<string> }> {
  const answers = await Promise.all(
    Array.from({ length: 50 }, async (_, i) =>
      createPod(namespace, podBody(`p${i}`, { requests: { cpu: '100m' } }), { port: ports[i % ports.length]! }),
    ),
  );
  expect([...new Set(answers.map(({ code }) => code))].sort()).toEqual([201, 403]);
  const refused = answers.filter(({ code }) => code === 403);
  return {
    made: answers.length - refused.length,
    messages: new Set(refused.map(({ body }) => body.message.replace(/"p\d+"/, '"p"'))),
  };
}

describe('ResourceQuota', () => {
  it('lets exactly as many through as fit, of 50 at once', async () => {
    await createNamespace('race');
    await createQuota('race', 'a', { pods: '20', 'requests.cpu': '10' });
    await createQuota('race', 'b', { 'count/pods': '30' });
    const { made, messages } = await race('race');
    expect(made).toBe(20);
    expect([...messages]).toEqual([
      'pods "p" is forbidden: exceeded quota: a, requested: pods=1, used: pods=20, limited: pods=20',
    ]);
    expect(await usedOf('race', 'a')).toEqual({ pods: '20', 'requests.cpu': '2' });
    expect(await usedOf('race', 'b')).toEqual({ 'count/pods': '20' });
  });

  it('does so with two servers over one etcd', async () => {
    ports.push(await server.startPeer());
    await createNamespace('race2');
    await createQuota('race2', 'a', { pods: '20', 'requests.cpu': '1' });
    const { made, messages } = await race('race2');
    expect(made).toBe(10);
    expect([...messages]).toEqual([
      'pods "p" is forbidden: exceeded quota: a, requested: requests.cpu=100m, used: requests.cpu=1, limited: requests.cpu=1',
    ]);
    expect(await usedOf('race2', 'a')).toEqual({ pods: '10', 'requests.cpu': '1' });
  });

  it('asks containers to state what is limited, charges nothing on dry run', async () => {
    await createNamespace('stated');
    await createQuota('stated', 'q', { 'limits.memory': '1Gi', cpu: '2', pods: '5' });
    const refused = await createPod('stated', podBody('p'));
    expect(refused.body.message).toBe(
      'pods "p" is forbidden: failed quota: q: must specify cpu for: c; limits.memory for: c',
    );
    const resources = { requests: { cpu: '1' }, limits: { memory: '512Mi', cpu: '1' } };
    expect((await createPod('stated', podBody('p', resources), { query: '?dryRun=All' })).code).toBe(201);
    expect(await usedOf('stated', 'q')).toEqual({ 'limits.memory': '0', cpu: '0', pods: '0' });
    expect((await createPod('stated', podBody('p', resources))).code).toBe(201);
    expect(await usedOf('stated', 'q')).toEqual({ 'limits.memory': '512Mi', cpu: '1', pods: '1' });
    const dry = await createPod('stated', podBody('q', { requests: { cpu: '3' }, limits: { memory: '1Gi' } }), {
      query: '?dryRun=All',
    });
    expect(dry.body.message).toBe(
      'pods "q" is forbidden: exceeded quota: q, requested: cpu=3,limits.memory=1Gi, used: cpu=1,limits.memory=512Mi, limited: cpu=2,limits.memory=1Gi',
    );
  });

  it('follows Services as they change, and counts objects of any kind', async () => {
    await createNamespace('things');
    const path = inNamespace('things');
    await createQuota('things', 'q', { services: '2', 'services.nodeports': '1', 'count/configmaps': '1' });
    const service = (name: string, spec: object) => ({ metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } });
    expect((await server.rest('POST', `${path}/services`, { body: service('a', {}) })).code).toBe(201);
    const second = await server.rest('POST', `${path}/services`, { body: service('b', { type: 'NodePort' }) });
    expect(second.code).toBe(201);
    const change = await server.rest('PATCH', `${path}/services/a`, {
      body: { spec: { type: 'NodePort' } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(change.body.message).toBe(
      'services "a" is forbidden: exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1',
    );
    const create = (name: string) => server.rest('POST', `${path}/configmaps`, { body: { metadata: { name } } });
    expect((await create('one')).code).toBe(201);
    expect((await create('two')).body.message).toBe(
      'configmaps "two" is forbidden: exceeded quota: q, requested: count/configmaps=1, used: count/configmaps=1, limited: count/configmaps=1',
    );
  });

  it('minds the scopes', async () => {
    await createNamespace('scoped');
    await createQuota('scoped', 'best', { pods: '0' }, { scopes: ['BestEffort'] });
    await createQuota('scoped', 'ends', { pods: '1' }, { scopes: ['Terminating'] });
    expect((await createPod('scoped', podBody('p'))).body.message).toBe(
      'pods "p" is forbidden: exceeded quota: best, requested: pods=1, used: pods=0, limited: pods=0',
    );
    const burstable = { requests: { cpu: '1' } };
    expect((await createPod('scoped', podBody('p', burstable))).code).toBe(201);
    expect((await createPod('scoped', podBody('q', burstable, { activeDeadlineSeconds: 5 }))).code).toBe(201);
    expect((await createPod('scoped', podBody('r', burstable, { activeDeadlineSeconds: 5 }))).code).toBe(403);
  });

  it('shows with kubectl', async () => {
    await createNamespace('shown');
    const { stdout } = await server.kubectl(['create', 'quota', 'q', '--hard=pods=2,requests.cpu=1', '-n', 'shown']);
    expect(stdout).toBe('resourcequota/q created\n');
    const path = `${inNamespace('shown')}/resourcequotas/q`;
    const { body } = await server.rest('GET', path);
    const status = { hard: body.spec.hard, used: { pods: '1', 'requests.cpu': '250m' } };
    await server.rest('PUT', `${path}/status`, { body: { ...body, status } });
    expect((await server.kubectl(['describe', 'quota', 'q', '-n', 'shown'])).stdout.replace(/ +$/gm, '')).toBe(
      [
        'Name:         q',
        'Namespace:    shown',
        'Resource      Used  Hard',
        '--------      ----  ----',
        'pods          1     2',
        'requests.cpu  250m  1',
        '',
      ].join('\n'),
    );
  });
});
