/** Binding and eviction of pods, over a real API server and etcd. */
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';

let server: TestApiServer;
const namespace = '/api/v1/namespaces/work';
const budgets = '/apis/policy/v1/namespaces/work/poddisruptionbudgets';

beforeAll(async () => {
  server = await startTestApiServer();
  await server.rest('POST', '/api/v1/namespaces', { body: { metadata: { name: 'work' } } });
  await server.rest('POST', `${namespace}/serviceaccounts`, { body: { metadata: { name: 'default' } } });
});

afterAll(async () => {
  await server?.stop();
});

const createPod = async (name: string, labels = {}) => {
  const spec = { containers: [{ name: 'c', image: 'kubelab/busybox:1' }] };
  const answer = await server.rest('POST', `${namespace}/pods`, { body: { metadata: { name, labels }, spec } });
  expect({ code: answer.code, message: answer.body.message }).toEqual({ code: 201, message: undefined });
  return answer.body;
};
const bind = (name: string, node: string, metadata: object = {}) =>
  server.rest('POST', `${namespace}/pods/${name}/binding`, {
    body: { apiVersion: 'v1', kind: 'Binding', metadata: { name, ...metadata }, target: { kind: 'Node', name: node } },
  });
const evict = (name: string, more: object = {}, query = '') =>
  server.rest('POST', `${namespace}/pods/${name}/eviction${query}`, {
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name }, ...more },
  });
const get = (path: string) => server.rest('GET', `${namespace}/${path}`);

/** Makes a pod run, as its kubelet would say. */
const run = async (name: string) => {
  const { body } = await get(`pods/${name}`);
  const status = { ...body.status, phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  expect((await server.rest('PUT', `${namespace}/pods/${name}/status`, { body: { ...body, status } })).code).toBe(200);
};

describe('binding', () => {
  it('puts a pod on a node once, whoever tries', async () => {
    await createPod('one');
    const answers = await Promise.all(['n1', 'n2', 'n3', 'n4'].map((node) => bind('one', node)));
    expect(answers.map(({ code }) => code).sort()).toEqual([201, 409, 409, 409]);
    const { body } = await get('pods/one');
    expect(body.status.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }]);
    const refused = answers.find(({ code }) => code === 409)!;
    expect(refused.body.message).toBe(
      `Operation cannot be fulfilled on pods/binding "one": pod one is already assigned to node "${body.spec.nodeName}"`,
    );
  });

  it('takes bindings that name the pod in their body alone', async () => {
    await createPod('three');
    const body = { metadata: { name: 'three' }, target: { kind: 'Node', name: 'n3' } };
    expect((await server.rest('POST', `${namespace}/bindings`, { body })).code).toBe(201);
    expect((await get('pods/three')).body.spec.nodeName).toBe('n3');
    expect((await server.rest('GET', `${namespace}/bindings`)).code).toBe(405);
  });

  it('does not bind another pod of the same name, or one that is not there', async () => {
    await createPod('two');
    expect((await bind('two', 'n1', { uid: '11111111-2222-3333-4444-555555555555' })).code).toBe(409);
    expect((await bind('ghost', 'n1')).code).toBe(404);
    const { body } = await get('pods/two');
    expect((await bind('two', 'n1', { uid: body.metadata.uid })).code).toBe(201);
  });
});

describe('eviction', () => {
  it('deletes a pod that no budget protects', async () => {
    await createPod('free');
    const answer = await evict('free');
    expect(answer).toMatchObject({ code: 201, body: { kind: 'Status', status: 'Success' } });
    expect((await get('pods/free')).code).toBe(404);
  });

  it('takes from the budget, and asks to come back when it is used up', async () => {
    for (const name of ['web-1', 'web-2']) {
      await createPod(name, { app: 'web' });
      await bind(name, 'n1');
      await run(name);
    }
    const spec = { minAvailable: 1, selector: { matchLabels: { app: 'web' } } };
    const budget = await server.rest('POST', budgets, { body: { metadata: { name: 'web' }, spec } });
    const waiting = await evict('web-1');
    expect(waiting.body.details.causes[0].message).toBe(
      'The disruption budget web is still being processed by the server.',
    );
    const status = {
      observedGeneration: budget.body.metadata.generation,
      disruptionsAllowed: 1,
      currentHealthy: 2,
      desiredHealthy: 1,
      expectedPods: 2,
    };
    expect((await server.rest('PUT', `${budgets}/web/status`, { body: { ...budget.body, status } })).code).toBe(200);

    expect((await evict('web-1', {}, '?dryRun=All')).code).toBe(201);
    const after = (await server.rest('GET', `${budgets}/web`)).body;
    expect(after.status.disruptionsAllowed).toBe(1);

    const answers = await Promise.all([evict('web-1'), evict('web-2')]);
    expect(answers.map(({ code }) => code).sort()).toEqual([201, 429]);
    const refused = answers.find(({ code }) => code === 429)!;
    expect(refused.body).toMatchObject({
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [{ reason: 'DisruptionBudget', message: expect.stringContaining('The disruption budget web needs') }],
      },
    });
    const evicted = answers[0].code === 201 ? 'web-1' : 'web-2';
    const left = (await server.rest('GET', `${budgets}/web`)).body.status;
    expect(left).toMatchObject({ disruptionsAllowed: 0, disruptedPods: { [evicted]: expect.any(String) } });
    const pod = (await get(`pods/${evicted}`)).body;
    expect(pod.metadata.deletionTimestamp).toBeDefined();
    expect(pod.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }),
    );
  });
});
