/** What an operator can look at, and what bounds the connections of everybody. */
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { until } from '../../support/until';

let server: TestApiServer;

beforeAll(async () => {
  server = await startTestApiServer();
});

afterAll(async () => {
  await server?.stop();
});

it('makes profiles that developer tools read', async () => {
  const cpu = await server.rest('GET', '/debug/pprof/profile?seconds=0.2');
  expect(cpu.code).toBe(200);
  expect(cpu.body).toMatchObject({ nodes: expect.any(Array), samples: expect.any(Array) });
  const heap = await server.rest('GET', '/debug/pprof/heap?seconds=0.1');
  expect(heap.body).toMatchObject({ head: expect.any(Object), samples: expect.any(Array) });
  expect((await server.rest('GET', '/debug/pprof/profile?seconds=9999')).code).toBe(400);
});

it('makes one profile at a time', async () => {
  const both = () => Promise.all([0, 1].map(() => server.rest('GET', '/debug/pprof/profile?seconds=0.2')));
  // On a busy machine the first may be done when the second arrives.
  const refused = await until('one is refused', async () => (await both()).find(({ code }) => code !== 200));
  expect(refused.code).toBe(429);
});

it('shows flags and status, to those who may see them', async () => {
  expect((await server.rest('GET', '/flagz')).text).toContain('\nmax-requests-inflight=400\n');
  expect((await server.rest('GET', '/statusz')).text).toMatch(/^Started: /m);
  const jane = await server.identity('jane');
  for (const path of ['/flagz', '/statusz', '/debug/pprof/profile', '/debug/api_priority_and_fairness/dump_queues']) {
    expect((await server.rest('GET', path, { identity: jane })).code).toBe(403);
  }
});

it('refuses headers without end', async () => {
  const { code } = await server.rest('GET', '/version', { headers: { 'x-long': 'x'.repeat(100_000) } });
  expect(code).toBe(431);
});

it('answers single health checks and leaves out excluded ones', async () => {
  expect((await server.rest('GET', '/readyz/etcd')).text).toBe('ok');
  const { text } = await server.rest('GET', '/readyz?verbose&exclude=etcd');
  expect(text).toContain('[+]etcd excluded: ok');
  expect((await server.rest('GET', '/readyz/invented')).code).toBe(404);
});
