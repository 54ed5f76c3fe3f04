/** How a server ends: it says so first, serves on, and lets its clients move on. */
import { startTestApiServer, type TestApiServer } from '../../support/apiserver';
import { until } from '../../support/until';
import { openWatch } from '../../support/watch-client';

let server: TestApiServer;

beforeAll(async () => {
  server = await startTestApiServer({
    'shutdown-delay-duration': '2s',
    'shutdown-watch-termination-grace-period': '2s',
    'shutdown-send-retry-after': 'true',
  });
});

afterAll(async () => {
  await server?.stop();
});

it('fails readyz first, serves on, then ends watches one after the other', async () => {
  const path = '/api/v1/namespaces/default/configmaps?watch=1&resourceVersion=0';
  const watches = await Promise.all([0, 1, 2].map(() => openWatch(server, path)));
  const ends: number[] = [];
  const ended = Promise.all(
    watches.map(async (watch) => {
      while (await watch.next());
      ends.push(performance.now());
    }),
  );
  const restarted = server.restart();
  const notReady = await until(
    'readyz fails',
    async () => {
      const answer = await server.rest('GET', '/readyz');
      return answer.code === 500 && answer;
    },
    { everyMs: 10 },
  );
  expect(notReady.text).toContain('[-]shutdown failed');
  expect((await server.rest('GET', '/livez')).code).toBe(200);
  expect(
    (await server.rest('POST', '/api/v1/namespaces/default/configmaps', { body: { metadata: { name: 'late' } } })).code,
  ).toBe(201);
  expect(ends).toEqual([]);
  const refused = await until(
    'the server refuses',
    async () => {
      const answer = await server.rest('GET', '/version');
      return answer.code === 429 && answer;
    },
    { everyMs: 10 },
  );
  expect(refused.headers).toMatchObject({ 'retry-after': '5', connection: 'close' });
  await ended;
  expect(ends[2]! - ends[0]!).toBeGreaterThan(100);
  await restarted;
  expect((await server.rest('GET', '/readyz')).code).toBe(200);
});
