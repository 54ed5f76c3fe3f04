/** Quotas and the protection of storage, with the controllers that keep them, over a real API server. */
import { startTestControlPlane, type TestControlPlane } from '../../support/controllers';
import { until } from '../../support/until';

let plane: TestControlPlane;
const soon = { everyMs: 20 };
const namespace = '/api/v1/namespaces/work';

beforeAll(async () => {
  plane = await startTestControlPlane();
  await plane.server.rest('POST', '/api/v1/namespaces', { body: { metadata: { name: 'work' } } });
});

afterAll(async () => {
  await plane?.stop();
});

const rest = (method: string, path: string, body?: unknown) =>
  plane.server.rest(method, path, body === undefined ? {} : { body });
const statusOf = async (name: string) => (await rest('GET', `${namespace}/resourcequotas/${name}`)).body.status;
const createPod = (name: string, spec: object = {}) =>
  rest('POST', `${namespace}/pods`, {
    metadata: { name },
    spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '100m' } } }], ...spec },
  });
const sorted = (amounts: Record<string, string> = {}) => JSON.stringify(Object.entries(amounts).sort());
const becomes = async (name: string, used: Record<string, string>) => {
  let last = '';
  const reached = until(
    'the quota is calculated',
    async () => (last = sorted((await statusOf(name)).used)) === sorted(used),
    soon,
  );
  await reached.catch((error: unknown) => {
    throw new Error(`${name} is ${last}, not ${sorted(used)}`, { cause: error });
  });
};

describe('the resource quota controller', () => {
  it('calculates what is there, and gives back what goes', async () => {
    await createPod('before');
    const hard = { pods: '2', 'requests.cpu': '1', 'count/widgets.example.com': '1' };
    await rest('POST', `${namespace}/resourcequotas`, { metadata: { name: 'q' }, spec: { hard } });
    await becomes('q', { 'count/widgets.example.com': '0', pods: '1', 'requests.cpu': '100m' });
    expect((await statusOf('q')).hard).toEqual(hard);
    expect((await createPod('second')).code).toBe(201);
    expect((await createPod('third')).body.message).toBe(
      'pods "third" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2',
    );
    await rest('DELETE', `${namespace}/pods/before?gracePeriodSeconds=0`);
    await becomes('q', { 'count/widgets.example.com': '0', pods: '1', 'requests.cpu': '100m' });
    expect((await createPod('third')).code).toBe(201);
    const { body } = await rest('GET', `${namespace}/pods/second`);
    await rest('PUT', `${namespace}/pods/second/status`, { ...body, status: { ...body.status, phase: 'Succeeded' } });
    await becomes('q', { 'count/widgets.example.com': '0', pods: '1', 'requests.cpu': '100m' });
  });

  it('keeps what is charged exact while pods come and go', async () => {
    await rest('POST', `${namespace}/resourcequotas`, {
      metadata: { name: 'churn' },
      spec: { hard: { 'count/secrets': '10' } },
    });
    await becomes('churn', { 'count/secrets': '0' });
    let present = 0;
    const work = async (worker: number): Promise<void> => {
      for (let round = 0; round < 10; round++) {
        const name = `s-${worker}-${round}`;
        const made = await rest('POST', `${namespace}/secrets`, { metadata: { name } });
        if (made.code !== 201) continue;
        present++;
        if (round % 2) {
          await rest('DELETE', `${namespace}/secrets/${name}`);
          present--;
        }
      }
    };
    await Promise.all([0, 1, 2, 3].map(work));
    expect(present).toBeLessThanOrEqual(10);
    await becomes('churn', { 'count/secrets': String(present) });
  });

  it('counts custom resources', async () => {
    const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' };
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    await rest('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names,
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    });
    const widgets = '/apis/example.com/v1/namespaces/work/widgets';
    await until('the kind is served', async () => (await rest('GET', widgets)).code === 200, soon);
    const create = (name: string) =>
      rest('POST', widgets, { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name } });
    expect((await create('one')).code).toBe(201);
    expect((await create('two')).body.message).toBe(
      'widgets.example.com "two" is forbidden: exceeded quota: q, requested: count/widgets.example.com=1, used: count/widgets.example.com=1, limited: count/widgets.example.com=1',
    );
    await until(
      'the count is lowered',
      async () => {
        await rest('DELETE', `${widgets}/one`);
        return (await statusOf('q')).used['count/widgets.example.com'] === '0';
      },
      soon,
    );
    expect((await create('two')).code).toBe(201);
  });
});

describe('protection of storage in use', () => {
  it('lets a claim go with the last pod that uses it', async () => {
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    const claim = await rest('POST', `${namespace}/persistentvolumeclaims`, { metadata: { name: 'data' }, spec });
    expect(claim.body.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
    await rest('DELETE', `${namespace}/pods/third?gracePeriodSeconds=0`);
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
    await until('there is room', async () => (await createPod('user', { volumes })).code === 201, soon);
    await rest('DELETE', `${namespace}/persistentvolumeclaims/data`);
    const { body } = await rest('GET', `${namespace}/persistentvolumeclaims/data`);
    expect(body.metadata.deletionTimestamp).toBeDefined();
    await rest('DELETE', `${namespace}/pods/user?gracePeriodSeconds=0`);
    await until(
      'the claim is gone',
      async () => (await rest('GET', `${namespace}/persistentvolumeclaims/data`)).code === 404,
      soon,
    );
  });

  it('lets a volume go that is not bound', async () => {
    const volumes = '/api/v1/persistentvolumes';
    const spec = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/tmp/v' } };
    const made = await rest('POST', volumes, { metadata: { name: 'v' }, spec });
    expect(made.body.metadata.finalizers).toEqual(['kubernetes.io/pv-protection']);
    await rest('DELETE', `${volumes}/v`);
    await until('the volume is gone', async () => (await rest('GET', `${volumes}/v`)).code === 404, soon);
  });
});
