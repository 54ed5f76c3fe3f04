/** Priority and fairness on a real server: its objects, its headers, and what a flood of requests does to others. */
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { until } from '../../support/until';

const group = '/apis/flowcontrol.apiserver.k8s.io/v1';
const namespaces = '/api/v1/namespaces';
let server: TestApiServer;

beforeAll(async () => {
  server = await startTestApiServer();
});

afterAll(async () => {
  await server?.stop();
});

const names = (body: any): string[] => body.items.map(({ metadata }: any) => metadata.name);

it('makes the objects of every cluster and says that none of them dangles', async () => {
  const levels = await server.rest('GET', `${group}/prioritylevelconfigurations`);
  expect(names(levels.body)).toEqual([
    'catch-all',
    'exempt',
    'global-default',
    'leader-election',
    'node-high',
    'system',
    'workload-high',
    'workload-low',
  ]);
  await until('the conditions', async () => {
    const { body } = await server.rest('GET', `${group}/flowschemas`);
    const states = body.items.map(({ status }: any) => status?.conditions?.[0]?.status);
    return body.items.length === 13 && states.every((status: string) => status === 'False');
  });
});

it('names schema and level of a request in its answer', async () => {
  const jane = await server.identity('jane');
  const schema = await server.rest('GET', `${group}/flowschemas/global-default`);
  const level = await server.rest('GET', `${group}/prioritylevelconfigurations/global-default`);
  await until('the headers', async () => {
    const { headers } = await server.rest('GET', namespaces, { identity: jane });
    return (
      headers['x-kubernetes-pf-flowschema-uid'] === schema.body.metadata.uid &&
      headers['x-kubernetes-pf-prioritylevel-uid'] === level.body.metadata.uid
    );
  });
});

it('repairs what is mandatory and leaves alone what an operator took over', async () => {
  const patch = (path: string, body: object) =>
    server.rest('PATCH', `${group}/${path}`, { body, headers: { 'content-type': 'application/merge-patch+json' } });
  const own = {
    metadata: { annotations: { 'apf.kubernetes.io/autoupdate-spec': 'false' } },
    spec: { limited: { nominalConcurrencyShares: 50 } },
  };
  expect((await patch('prioritylevelconfigurations/global-default', own)).code).toBe(200);
  expect((await server.rest('DELETE', `${group}/flowschemas/probes`)).code).toBe(200);
  await server.restart();
  const { body } = await server.rest('GET', `${group}/prioritylevelconfigurations/global-default`);
  expect(body.spec.limited.nominalConcurrencyShares).toBe(50);
  expect((await server.rest('GET', `${group}/flowschemas/probes`)).code).toBe(200);
});

it('refuses a flow without seats with 429, while others are served', async () => {
  const noisy = await server.identity('noisy');
  const jane = await server.identity('jane');
  const created = await Promise.all([
    server.rest('POST', `${group}/prioritylevelconfigurations`, {
      body: {
        metadata: { name: 'narrow' },
        spec: {
          type: 'Limited',
          limited: { nominalConcurrencyShares: 0, borrowingLimitPercent: 0, limitResponse: { type: 'Reject' } },
        },
      },
    }),
    server.rest('POST', `${group}/flowschemas`, {
      body: {
        metadata: { name: 'noisy' },
        spec: {
          matchingPrecedence: 50,
          priorityLevelConfiguration: { name: 'narrow' },
          rules: [
            {
              subjects: [{ kind: 'User', user: { name: 'noisy' } }],
              resourceRules: [
                { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true },
              ],
            },
          ],
        },
      },
    }),
  ]);
  expect(created.map(({ code }) => code)).toEqual([201, 201]);
  await server.rest('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    body: {
      metadata: { name: 'noisy' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'noisy' }],
    },
  });
  const flood = await until('a refusal', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => server.rest('GET', namespaces, { identity: noisy })),
    );
    return answers.find(({ code }) => code === 429);
  });
  expect(flood.headers['retry-after']).toBe('1');
  expect(flood.body).toMatchObject({ reason: 'TooManyRequests', code: 429 });
  expect((await server.rest('GET', namespaces, { identity: jane })).code).toBe(403);
  const { text } = await server.rest('GET', '/metrics');
  expect(text).toMatch(
    /apiserver_flowcontrol_rejected_requests_total\{flow_schema="noisy",priority_level="narrow",reason="concurrency-limit"\} [1-9]/,
  );
  expect(text).toMatch(
    /apiserver_flowcontrol_dispatched_requests_total\{flow_schema="exempt",priority_level="exempt"\} [1-9]/,
  );
});

it('shows what its levels hold', async () => {
  const root = '/debug/api_priority_and_fairness';
  const { text } = await server.rest('GET', `${root}/dump_priority_levels`);
  expect(text).toMatch(/^PriorityLevelName,/);
  expect(text).toMatch(/^workload-low,/m);
  expect((await server.rest('GET', `${root}/dump_queues`)).code).toBe(200);
  expect((await server.rest('GET', `${root}/dump_requests`)).code).toBe(200);
});
