/** Custom resources in the hands of the controllers that clean up: they learn of new kinds at run time. */
import { startTestControlPlane, type TestControlPlane } from '../../support/controllers';
import { until } from '../../support/until';

let plane: TestControlPlane;
const soon = { everyMs: 20 };
const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const things = (namespace: string): string => `/apis/example.com/v1/namespaces/${namespace}/things`;

beforeAll(async () => {
  plane = await startTestControlPlane();
  const body = {
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', singular: 'thing', kind: 'Thing' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
          },
        },
      ],
    },
  };
  expect((await rest('POST', crds, body)).code).toBe(201);
  await until('the kind is served', async () => (await rest('GET', things('default'))).code === 200, soon);
});
afterAll(async () => {
  await plane?.stop();
});

const rest = (method: string, path: string, body?: unknown) => plane.server.rest(method, path, { body });
const isGone = async (path: string): Promise<boolean> => (await rest('GET', path)).code === 404;

it('go with their namespace', async () => {
  await rest('POST', '/api/v1/namespaces', { metadata: { name: 'doomed' } });
  expect((await rest('POST', things('doomed'), { metadata: { name: 'a' } })).code).toBe(201);
  await rest('DELETE', '/api/v1/namespaces/doomed');
  await until('the namespace is gone', async () => isGone('/api/v1/namespaces/doomed'), soon);
  expect((await rest('GET', '/apis/example.com/v1/things')).body.items).toEqual([]);
});

it('own, and are owned', async () => {
  const { body: thing } = await rest('POST', things('default'), { metadata: { name: 'owner' } });
  const owned = (uid: string, kind: string, apiVersion: string, name: string) => ({
    metadata: { name: `of-${name}`, ownerReferences: [{ apiVersion, kind, name, uid }] },
  });
  const configMaps = '/api/v1/namespaces/default/configmaps';
  await rest('POST', configMaps, owned(thing.metadata.uid, 'Thing', 'example.com/v1', 'owner'));
  const { body: map } = await rest('POST', configMaps, { metadata: { name: 'map' } });
  await rest('POST', things('default'), owned(map.metadata.uid, 'ConfigMap', 'v1', 'map'));
  await rest('DELETE', `${things('default')}/owner`);
  await rest('DELETE', `${configMaps}/map`);
  await until('the map of the thing is gone', async () => isGone(`${configMaps}/of-owner`), soon);
  await until('the thing of the map is gone', async () => isGone(`${things('default')}/of-map`), soon);
});

it('say by their scale how many pods a disruption budget expects', async () => {
  const { body: thing } = await rest('POST', things('default'), { metadata: { name: 'big' }, spec: { replicas: 5 } });
  const labels = { app: 'big' };
  const owner = { apiVersion: 'example.com/v1', kind: 'Thing', name: 'big', uid: thing.metadata.uid, controller: true };
  const pod = await rest('POST', '/api/v1/namespaces/default/pods', {
    metadata: { name: 'big-1', labels, ownerReferences: [owner] },
    spec: { containers: [{ name: 'a', image: 'a' }] },
  });
  expect(pod.code).toBe(201);
  const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
  await rest('POST', budgets, {
    metadata: { name: 'big' },
    spec: { maxUnavailable: '40%', selector: { matchLabels: labels } },
  });
  const status = await until(
    'expected pods',
    async () => {
      const { body } = await rest('GET', `${budgets}/big`);
      return body.status?.expectedPods === 5 && body.status;
    },
    soon,
  );
  expect(status).toMatchObject({ desiredHealthy: 3, currentHealthy: 0, disruptionsAllowed: 0 });
});
